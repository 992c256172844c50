import { Button } from "@mantine/core";
import { IconArrowsExchange } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Comparison, comparisonQuery } from "@/api/eval-comparison";
import { ApiProblem } from "@/api/problem";
import { Page } from "@/components/ui/page";
import { EmptyState, ErrorState, QueryView } from "@/components/ui/states";
import { keptSearch, usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { type CompareSearch, readCompareSearch } from "../search";
import { ChangesPanel } from "./changes-panel";
import { ComparisonNotices } from "./comparison-notices";
import { ComparisonSides } from "./comparison-sides";
import { MetricVerdicts } from "./metric-verdicts";
import { PairsPanel } from "./pairs-panel";
import { SlicesPanel } from "./slices-panel";

type Change = (values: { [Key in keyof CompareSearch]?: CompareSearch[Key] | undefined }) => void;

/** What changed from one run to another: metric by metric, part by part, and case by case. */
export function ComparePage() {
  const { t } = useTranslation("evals");
  const { search, change } = usePageSearch(readCompareSearch);
  const { a, b } = search;
  return (
    <Page
      title={t("comparison.title")}
      actions={
        a && b ? (
          <Button
            variant="default"
            leftSection={<IconArrowsExchange size={14} aria-hidden />}
            onClick={() => change({ a: b, b: a })}
          >
            {t("comparison.swap")}
          </Button>
        ) : undefined
      }
    >
      {a && b ? <Compared a={a} b={b} search={search} onChange={change} /> : <NothingChosen />}
    </Page>
  );
}

interface ComparedProps {
  a: string;
  b: string;
  search: CompareSearch;
  onChange: Change;
}

function Compared({ a, b, search, onChange }: ComparedProps) {
  const { scope } = usePageState();
  const query = useQuery(comparisonQuery(scope, a, b));
  const isLost = query.error instanceof ApiProblem && query.error.status < 500 && query.error.status >= 400;
  if (isLost && !query.data) return <ErrorState error={query.error} action={<ToRuns />} />;
  return (
    <QueryView query={query} height={480} skeletonRows={8}>
      {(comparison) => <ComparisonView comparison={comparison} search={search} onChange={onChange} />}
    </QueryView>
  );
}

interface ComparisonViewProps {
  comparison: Comparison;
  search: CompareSearch;
  onChange: Change;
}

function ComparisonView({ comparison, search, onChange }: ComparisonViewProps) {
  const metric = comparison.metrics.find((row) => row.metric === search.metric);
  return (
    <>
      <ComparisonSides comparison={comparison} />
      <ComparisonNotices comparison={comparison} />
      <MetricVerdicts
        comparison={comparison}
        chosen={metric?.metric}
        onChoose={(name) => onChange({ metric: name === search.metric ? undefined : name })}
      />
      <ChangesPanel comparison={comparison} />
      <PairsPanel comparison={comparison} metric={metric} search={search} onChange={onChange} />
      <SlicesPanel comparison={comparison} />
    </>
  );
}

function NothingChosen() {
  const { t } = useTranslation("evals");
  return (
    <EmptyState title={t("comparison.nothing")} action={<ToRuns />}>
      {t("comparison.nothingText")}
    </EmptyState>
  );
}

function ToRuns() {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <Button renderRoot={(props) => <Link to="/evaluations" search={search} {...props} />}>
      {t("run.all")}
    </Button>
  );
}
