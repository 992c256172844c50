import { Button, Code } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { MISSED_REASONS, type Missed, type MissedReason } from "@/api/missed";
import { EmptyState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import classes from "./missed.module.css";
import { ReasonIcon } from "./reason-marks";

const FEEDBACK = 'pitwall.feedback(thumb="down", user="u-1")';

interface NothingMissedProps {
  found: Missed;
  reason: MissedReason | undefined;
  onClear: () => void;
}

/** Why there is no missed question: nothing came in, nothing was missed, or not for this reason. */
export function NothingMissed({ found, reason, onClear }: NothingMissedProps) {
  const { t } = useTranslation("missed");
  const language = useLanguage();
  const { range, setRange } = usePageState();
  const hasLonger = range.kind === "last" && range.length !== "7d";
  const week = hasLonger && (
    <Button variant="default" onClick={() => setRange({ kind: "last", length: "7d" })}>
      {t("empty.week")}
    </Button>
  );
  if (found.requests === 0)
    return (
      <EmptyState title={t("empty.noData")} action={week}>
        {t("empty.noDataText")}
        <Signs />
      </EmptyState>
    );
  const written = formatCount(found.requests, language);
  if (reason)
    return (
      <EmptyState
        title={t("empty.noneForReason", { reason: t(`reason.${reason}`) })}
        action={
          <Button variant="default" onClick={onClear}>
            {t("empty.all")}
          </Button>
        }
      >
        {t("empty.looked", { count: found.requests, written })}
        <Signs only={reason} />
      </EmptyState>
    );
  return (
    <EmptyState title={t("empty.none")} action={week}>
      {t("empty.looked", { count: found.requests, written })}
      <Signs />
    </EmptyState>
  );
}

/** How a request gets its marks, so that an empty list can be believed. */
function Signs({ only }: { only?: MissedReason }) {
  const { t } = useTranslation("missed");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <dl className={classes.signs}>
      {MISSED_REASONS.filter((reason) => !only || reason === only).map((reason) => (
        <div key={reason}>
          <dt>
            <ReasonIcon reason={reason} />
            {t(`reason.${reason}`)}
          </dt>
          <dd>
            {t(`sign.${reason}`)}
            {reason === "low_score" && (
              <div>
                <Link to="/evaluations/online" search={search}>
                  {t("sign.rules")}
                </Link>
              </div>
            )}
            {reason === "negative_feedback" && (
              <div>
                <Code>{FEEDBACK}</Code>
              </div>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
