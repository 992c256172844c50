import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Missed } from "@/api/missed";
import { TimeSeries } from "@/components/charts/time-series";
import type { ChartContent } from "@/components/charts/types";
import { Fact, Totals } from "@/components/ui/facts";
import { Note } from "@/components/ui/note";
import { useLanguage } from "@/i18n";
import { formatCount, formatPercent } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { zoomInto, zoomOut } from "@/lib/time-range";
import classes from "./missed.module.css";

/** How much was missed, of how much, and when. */
export function MissedCourse({ found }: { found: Missed }) {
  const { t } = useTranslation("missed");
  const language = useLanguage();
  const { range, setRange } = usePageState();
  const { requests, missed, question_count, without_question } = found;
  const content = useMemo(() => contentOf(found, t("course.missed")), [found, t]);
  return (
    <div className={classes.course}>
      <Totals>
        <Fact name={t("course.missed")}>
          {formatCount(missed, language)}
          {/* What was not looked at may have been missed too: no share of a part. */}
          {!found.is_cut && requests > 0 && <small>{formatPercent(missed / requests, language)}</small>}
        </Fact>
        <Fact name={t("course.requests")}>{formatCount(requests, language)}</Fact>
        <Fact name={t("course.questions")}>{formatCount(question_count, language)}</Fact>
      </Totals>
      <div className={classes.chart}>
        <TimeSeries
          content={content}
          label={t("course.label")}
          height={120}
          isLegendHidden
          onZoom={(start, end) => setRange(zoomInto(start, end))}
          onZoomOut={() => setRange(zoomOut(range, new Date()))}
        />
      </div>
      {found.is_cut && <Note>{t("course.cut")}</Note>}
      {without_question > 0 && (
        <Note>
          {t("course.noTexts", {
            count: without_question,
            written: formatCount(without_question, language),
          })}
        </Note>
      )}
    </div>
  );
}

function contentOf({ course }: Missed, label: string): ChartContent {
  const starts = course.starts.map((start) => Date.parse(start));
  return {
    kind: "bars",
    starts,
    stepSeconds: course.step_seconds,
    complete: starts.map(() => true),
    unit: "requests",
    series: [{ label, values: course.missed, color: 0 }],
  };
}
