import { useTranslation } from "react-i18next";
import { Panel } from "@/components/ui/panel";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount, formatDuration, formatScore } from "@/lib/format";
import type { Turns } from "./parts";

type Turn = Turns["by_turn"][number];

/** How latency and faithfulness go over the turns of conversations. */
export function TurnsPart({ turns }: { turns: Turns | undefined }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  if (!turns) return null;
  const count = { count: turns.conversations, written: formatCount(turns.conversations, language) };
  const columns: TableColumn<Turn>[] = [
    {
      ...{ name: "turn", title: t("analysis.column.turn"), isMain: true },
      cell: ({ turn }) => t("case.turn", { number: formatCount(turn, language) }),
    },
    {
      ...{ name: "p50", title: t("analysis.column.p50"), isLabelled: true, isNumber: true },
      cell: ({ latency_ms_p50 }) => formatDuration(latency_ms_p50, language),
    },
    {
      ...{ name: "p95", title: t("analysis.column.p95"), isLabelled: true, isNumber: true },
      cell: ({ latency_ms_p95 }) => formatDuration(latency_ms_p95, language),
    },
    {
      ...{ name: "faithfulness", title: t("evidence.names.faithfulness"), isLabelled: true, isNumber: true },
      cell: ({ faithfulness }) => formatScore(faithfulness, "ratio", language),
    },
    {
      ...{ name: "n", title: t("column.scored"), isLabelled: true, isNumber: true },
      cell: ({ n_faithfulness }) => formatCount(n_faithfulness, language),
    },
  ];
  return (
    <Panel title={t("analysis.title.multiturn")} note={t("analysis.conversations", count)} isFlush>
      <Table
        label={t("analysis.title.multiturn")}
        columns={columns}
        rows={turns.by_turn}
        keyOf={({ turn }) => String(turn)}
      />
    </Panel>
  );
}
