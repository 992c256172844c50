import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type EvalMetric, evalMetricsQuery } from "@/api/eval-metrics";
import { pickText, useLanguage } from "@/i18n";
import { usePageState } from "@/lib/page-state";
import { baseName } from "./model/scores";

export interface MetricNames {
  /** What people call a metric; its own name where the server does not know it. */
  titleOf: (metric: string) => string;
  find: (metric: string) => EvalMetric | undefined;
}

export function useMetricNames(): MetricNames {
  const language = useLanguage();
  const { scope } = usePageState();
  const { data } = useQuery(evalMetricsQuery(scope));
  return useMemo(() => {
    const known = new Map((data?.metrics ?? []).map((metric) => [metric.name, metric]));
    const find = (metric: string) => known.get(metric) ?? known.get(baseName(metric));
    const titleOf = (metric: string) => {
      const found = find(metric);
      return found ? `${pickText(found.title, language)}${metric.slice(found.name.length)}` : metric;
    };
    return { titleOf, find };
  }, [data, language]);
}
