import { useTranslation } from "react-i18next";
import type { TracePreview } from "@/api/traces";
import { cutText, visibleLine, visibleText } from "@/lib/foreign-text";
import { snippetOf } from "../model/snippet";
import classes from "./preview.module.css";

const MAX_TEXT = 1500;

type PreviewSpan = TracePreview["spans"][number];

/** What went in and out of the whole, or of the chosen span, and the first thing that failed. */
export function PreviewTexts({ trace, spanId }: { trace: TracePreview; spanId: string | null }) {
  const { t } = useTranslation("traces");
  const { spans, root_span_id } = trace;
  const shown = spans.find(({ span_id }) => span_id === (spanId ?? root_span_id)) ?? spans[0];
  const failed = firstFailed(spans);
  return (
    <>
      {failed && <Failure span={failed} />}
      {shown && (
        <>
          <PreviewText label={t("preview.input")} text={shown.input_preview} />
          <PreviewText label={t("preview.output")} text={shown.output_preview} />
        </>
      )}
    </>
  );
}

/** The innermost span that failed first: its parents only hand the failure up. */
function firstFailed(spans: readonly PreviewSpan[]): PreviewSpan | undefined {
  const failed = spans.filter(({ status }) => status === "error");
  const parents = new Set(failed.map(({ parent_span_id }) => parent_span_id));
  return failed.find(({ span_id }) => !parents.has(span_id)) ?? failed[0];
}

function Failure({ span }: { span: PreviewSpan }) {
  const { t } = useTranslation("traces");
  const what = [span.error_class, span.error_type].filter(
    (text, index, all) => text && all.indexOf(text) === index,
  );
  return (
    <section className={classes.failure} aria-label={t("preview.failure")}>
      <h3>
        {t("preview.failedIn")} <bdi>{visibleLine(span.name)}</bdi>
      </h3>
      {what.length > 0 && <p>{visibleLine(what.join(" · "))}</p>}
      {span.status_message && (
        <pre className="pw-foreign" dir="auto">
          {visibleText(cutText(span.status_message, MAX_TEXT))}
        </pre>
      )}
    </section>
  );
}

function PreviewText({ label, text }: { label: string; text: string | null }) {
  const { t } = useTranslation("traces");
  return (
    <section className={classes.text}>
      <h3>{label}</h3>
      {text ? (
        <pre className="pw-foreign" dir="auto">
          {visibleText(cutText(snippetOf(text), MAX_TEXT))}
        </pre>
      ) : (
        <p className={classes.none}>{t("preview.noText")}</p>
      )}
    </section>
  );
}
