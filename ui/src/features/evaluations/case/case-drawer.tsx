import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type EvalRun, evalCaseQuery } from "@/api/eval-runs";
import { QueryView } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import type { Neighbours } from "../run/use-case-order";
import { PassedMark } from "../score-marks";
import { CaseView } from "./case-view";
import { DetailDrawer } from "./detail-drawer";

interface CaseDrawerProps {
  run: EvalRun;
  position: number;
  /** The metric whose evidence is open first. */
  metric: string | undefined;
  neighbours: Neighbours;
  onMove: (position: number) => void;
  onMetric: (metric: string) => void;
  onClose: () => void;
}

/** A case over the page: what was asked and answered, and what each score rests on. */
export function CaseDrawer(props: CaseDrawerProps) {
  const { run, position, metric, neighbours, onMove, onMetric, onClose } = props;
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { scope } = usePageState();
  const query = useQuery(evalCaseQuery(scope, run.id, position));
  const detail = query.data;
  return (
    <DetailDrawer
      title={t("case.title", { number: formatCount(position + 1, language) })}
      mark={detail && <PassedMark passed={detail.passed} />}
      id={detail?.example_id}
      traceId={detail?.trace_id}
      size={1120}
      {...neighbours}
      words={{ previous: t("keys.previousCase"), next: t("keys.nextCase"), id: t("case.id") }}
      onMove={onMove}
      onClose={onClose}
    >
      <QueryView query={query} height={480} skeletonRows={10}>
        {(shown) => (
          <CaseView
            key={shown.position}
            detail={shown}
            metrics={run.plan.metrics}
            metric={metric}
            onMetric={onMetric}
          />
        )}
      </QueryView>
    </DetailDrawer>
  );
}
