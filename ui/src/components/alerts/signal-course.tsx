import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { answersQuery, catalogueQuery, hasFailed, type Question, type SeriesAnswer } from "@/api/signals";
import { TimeSeries } from "@/components/charts/time-series";
import { type ChartContent, type ChartLimit, type ChartMark, limitsOf } from "@/components/charts/types";
import { Note } from "@/components/ui/note";
import { LoadingState, QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch, usePageState } from "@/lib/page-state";
import { stepFor } from "@/lib/time-range";
import { conditionOf, type Stretch } from "./links";

interface SignalCourseProps {
  signal: string;
  labels: Readonly<Record<string, string>>;
  /** Further condition on the records, of the rule; empty for none. */
  records: string;
  time: Stretch;
  /** Instead of the bands of the signal. */
  limits?: readonly ChartLimit[];
  marks?: readonly ChartMark[];
}

const HEIGHT = 220;

/** The course of an alert's signal over a time, with its bands and what happened. */
export function SignalCourse({ signal, labels, records, time, limits, marks = [] }: SignalCourseProps) {
  const { t } = useTranslation("alerts");
  const { scope } = usePageState();
  const question = useMemo((): Question => {
    const condition = conditionOf(labels, records);
    const step = stepFor({ kind: "between", ...time }, 90);
    return { name: signal, ...time, step, ...(condition ? { where: condition } : {}) };
  }, [signal, labels, records, time]);
  const query = useQuery(answersQuery(scope, { course: question }));
  return (
    <QueryView query={query} height={HEIGHT + 20}>
      {({ course }) => {
        if (!course) return <LoadingState height={HEIGHT + 20} />;
        if (hasFailed(course)) return <Note>{[course.error.detail, course.error.hint].join(" ")}</Note>;
        if (course.series.every(({ values }) => values.every((value) => value === null)))
          return <Note>{t("course.nothing")}</Note>;
        return <Drawn answer={course} marks={marks} {...(limits ? { limits } : {})} />;
      }}
    </QueryView>
  );
}

interface DrawnProps {
  answer: SeriesAnswer;
  limits?: readonly ChartLimit[];
  marks: readonly ChartMark[];
}

function Drawn({ answer, limits, marks }: DrawnProps) {
  const language = useLanguage();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const { data: signals } = useQuery(catalogueQuery);
  const known = signals?.find(({ name }) => name === answer.name);
  const title = known ? pickText(known.title, language) : answer.name;
  const content = useMemo(
    (): ChartContent => ({
      starts: answer.starts.map((start) => Date.parse(start)),
      stepSeconds: answer.step_seconds,
      complete: answer.complete,
      unit: answer.unit,
      series: answer.series.map(({ values }, color) => ({ label: title, values, color })),
      limits: limits ?? (known ? limitsOf(known.bands) : []),
      marks,
    }),
    [answer, title, known, limits, marks],
  );
  const open = (index: number) => {
    const at = answer.starts[index];
    const { range: _, ...kept } = keptSearch(search);
    const time = { since: answer.since, until: answer.until, ...(at ? { at } : {}) };
    void navigate({ to: "/signals/$name", params: { name: answer.name }, search: { ...kept, ...time } });
  };
  return <TimeSeries content={content} label={title} height={HEIGHT} onPick={open} />;
}
