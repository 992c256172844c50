import { Button, Popover, Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Totals, TraceAnswer } from "@/api/trace";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatCost, formatCount, formatDuration, formatNumber, NO_VALUE } from "@/lib/format";
import { kindOf } from "./kinds";

type Split = Pick<TraceAnswer, "by_kind" | "by_model">;

/** The sums of a trace by kind and by model, on demand. */
export function TotalsSplit({ trace }: { trace: Split }) {
  const { t } = useTranslation("trace");
  const kinds = Object.entries(trace.by_kind).map(
    ([kind, sums]) => [t(`kind.${kindOf(kind)}`), sums] as const,
  );
  const models = Object.entries(trace.by_model).map(
    ([model, sums]) => [cutText(visibleLine(model), 60), sums] as const,
  );
  return (
    <div style={{ alignSelf: "flex-end" }}>
      <dt className="pw-visually-hidden">{t("split.title")}</dt>
      <dd style={{ fontSize: 12, fontWeight: 400 }}>
        <Popover position="bottom" shadow="md" width="max-content">
          <Popover.Target>
            <Button variant="subtle" size="compact-xs">
              {t("split.title")}
            </Button>
          </Popover.Target>
          <Popover.Dropdown style={{ maxWidth: "min(640px, 94vw)", overflow: "auto" }}>
            <SplitTable name={t("split.kind")} rows={kinds} />
            {models.length > 0 && <SplitTable name={t("split.model")} rows={models} />}
          </Popover.Dropdown>
        </Popover>
      </dd>
    </div>
  );
}

function SplitTable({ name, rows }: { name: string; rows: (readonly [string, Totals])[] }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const number = (value: number | null) => (value === null ? NO_VALUE : formatNumber(value, language));
  return (
    <Table verticalSpacing={3} fz="xs">
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{name}</Table.Th>
          {[
            t("total.spans"),
            t("split.failed"),
            t("split.time"),
            t("split.input"),
            t("split.output"),
            t("total.cost"),
          ].map((column) => (
            <Table.Th key={column} scope="col" ta="right">
              {column}
            </Table.Th>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([row, sums]) => (
          <Table.Tr key={row}>
            <Table.Th scope="row" fw={400}>
              {row}
            </Table.Th>
            <Table.Td ta="right">{formatCount(sums.span_count, language)}</Table.Td>
            <Table.Td ta="right">{formatCount(sums.error_count, language)}</Table.Td>
            <Table.Td ta="right">{formatDuration(sums.duration_ms, language)}</Table.Td>
            <Table.Td ta="right">{number(sums.input_tokens)}</Table.Td>
            <Table.Td ta="right">{number(sums.output_tokens)}</Table.Td>
            <Table.Td ta="right">{formatCost(sums.cost_usd, language)}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
