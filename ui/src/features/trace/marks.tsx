import { useTranslation } from "react-i18next";
import type { TraceSpan } from "@/api/trace";
import classes from "./marks.module.css";

const DIAMOND = "M6 .4 11.6 6 6 11.6.4 6Z";

/** A failed span: a filled diamond, with its word for who cannot see it or if asked for. */
export function ErrorMark({ withWord = false }: { withWord?: boolean }) {
  const { t } = useTranslation("trace");
  return (
    <span className={classes.error} title={withWord ? undefined : t("status.error")}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d={DIAMOND} />
      </svg>
      <span className={withWord ? undefined : "pw-visually-hidden"}>{t("status.error")}</span>
    </span>
  );
}

/** How many spans failed in what is folded away. */
export function ErrorsBelow({ count }: { count: number }) {
  const { t } = useTranslation("trace");
  const label = t("tree.errorsBelow", { count });
  return (
    <span className={classes.error} data-below title={label}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d={DIAMOND} />
      </svg>
      <span aria-hidden="true">{count}</span>
      <span className="pw-visually-hidden">{label}</span>
    </span>
  );
}

/** What is odd about a span's place: no parent, a circle, copies. */
export function PlaceMarks({ span }: { span: Pick<TraceSpan, "placement" | "copies"> }) {
  const { t } = useTranslation("trace");
  return (
    <>
      {(span.placement === "orphan" || span.placement === "cycle") && (
        <span className={classes.chip} title={t(`placement.${span.placement}Hint`)}>
          {t(`placement.${span.placement}`)}
        </span>
      )}
      {span.copies > 1 && (
        <span className={classes.chip} title={t("placement.copiesHint", { count: span.copies })}>
          ×{span.copies}
        </span>
      )}
    </>
  );
}
