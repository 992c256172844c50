import { useTranslation } from "react-i18next";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCount, formatPercent } from "@/lib/format";
import { useMetricNames } from "../use-metric-names";
import classes from "./analysis.module.css";
import { CaseLink } from "./links";
import type { Cluster, Clusters } from "./parts";

interface ClustersPartProps {
  runId: string;
  clusters: Clusters | undefined;
}

/** Failing cases that ask about the same; each cluster opens at the cases nearest to its middle. */
export function ClustersPart({ runId, clusters }: ClustersPartProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const columns = useColumns(runId);
  if (!clusters) return null;
  const counts = {
    failing: formatCount(clusters.failing, language),
    alone: formatCount(clusters.alone, language),
  };
  return (
    <Panel
      title={t("analysis.title.failure_clusters")}
      note={t("analysis.clustersNote", counts)}
      isFlush={clusters.clusters.length > 0}
    >
      {clusters.clusters.length === 0 ? (
        <Note>{t("analysis.noCluster")}</Note>
      ) : (
        <Table
          label={t("analysis.title.failure_clusters")}
          columns={columns}
          rows={clusters.clusters}
          keyOf={({ id }) => id}
        />
      )}
    </Panel>
  );
}

function useColumns(runId: string): TableColumn<Cluster>[] {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  return [
    {
      ...{ name: "terms", title: t("analysis.column.about"), isMain: true },
      cell: ({ id, terms }) => (
        <span className={classes.about}>
          <small>{id}</small>
          <b>
            <bdi>{cutText(visibleLine(terms.join(", ")), 80)}</bdi>
          </b>
        </span>
      ),
    },
    {
      ...{ name: "examples", title: t("analysis.column.examples") },
      cell: ({ id, representatives }) => (
        <ul className={classes.examples}>
          {representatives.map((one) => (
            <li key={one.position}>
              <CaseLink runId={runId} one={one} cluster={id} />
            </li>
          ))}
        </ul>
      ),
    },
    {
      ...{ name: "n", title: t("cases.title"), isLabelled: true, isNumber: true },
      cell: ({ n }) => formatCount(n, language),
    },
    {
      ...{ name: "share", title: t("analysis.column.ofFailing"), isLabelled: true, isNumber: true },
      cell: ({ share_of_failing }) => formatPercent(share_of_failing, language),
    },
    {
      ...{ name: "failed", title: t("analysis.column.failed"), isLabelled: true },
      cell: ({ failed_metrics }) =>
        Object.entries(failed_metrics)
          .map(([metric, count]) => `${titleOf(metric)} ${formatCount(count, language)}`)
          .join(" · "),
    },
  ];
}
