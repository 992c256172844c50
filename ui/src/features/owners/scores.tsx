import { Table } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { components } from "@/api/schema.gen";
import { ForeignName } from "@/components/ui/foreign-name";
import { LongText } from "@/components/ui/long-text";
import { Panel } from "@/components/ui/panel";
import { useLanguage } from "@/i18n";
import { formatInstant, formatNumber, NO_VALUE } from "@/lib/format";

type Score = components["schemas"]["ScoreView"];

/** What was said of a session as a whole. */
export function Scores({ scores }: { scores: readonly Score[] }) {
  const { t } = useTranslation("owners");
  const language = useLanguage();
  return (
    <Panel title={t("scores.title")} isFlush>
      <Table verticalSpacing={4} fz="sm">
        <Table.Tbody>
          {scores.map((score) => (
            <Table.Tr key={score.score_id}>
              <Table.Th scope="row" fw={500}>
                <ForeignName text={score.name} />
              </Table.Th>
              <Table.Td>
                {score.value === null ? (
                  <ForeignName text={score.label ?? NO_VALUE} />
                ) : (
                  formatNumber(score.value, language)
                )}
              </Table.Td>
              <Table.Td>{score.explanation && <LongText text={score.explanation} shown={300} />}</Table.Td>
              <Table.Td>
                <ForeignName text={score.evaluator ?? score.source ?? ""} />
              </Table.Td>
              <Table.Td>{formatInstant(score.at, language)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Panel>
  );
}
