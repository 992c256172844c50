import { Button, Code, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { statusQuery } from "@/api/status";
import type { ListQuestion } from "@/api/traces";
import { EmptyState, LoadingState } from "@/components/ui/states";
import { keptSearch, usePageState } from "@/lib/page-state";
import { isInFuture } from "@/lib/time-range";
import { useNow } from "@/lib/use-now";
import type { Words } from "../use-words";
import { Suspects } from "./suspects";

const LENGTHS = ["1h", "24h", "7d"] as const;
type Length = (typeof LENGTHS)[number];

interface NoRowsProps {
  question: ListQuestion;
  filters: readonly string[];
  q: string;
  words: Words;
  onChange: (filters: readonly string[], q: string) => void;
}

/** Why there is no row, and the way on: from what is most likely wrong to what is least. */
export function NoRows({ question, filters, q, words, onChange }: NoRowsProps) {
  const { t } = useTranslation("traces");
  const { scope, range, setRange } = usePageState();
  const now = useNow(60_000);
  const status = useQuery(statusQuery(scope));
  const look = (length: Length) => setRange({ kind: "last", length });
  if (isInFuture(range, now))
    return (
      <EmptyState title={t("empty.future")} action={<Ranges lengths={LENGTHS} onChoose={look} />}>
        {t("empty.futureText")}
      </EmptyState>
    );
  if (status.isPending) return <LoadingState height={160} rows={4} />;
  if (status.data?.spans_total === 0) return <FirstData address={status.data.addresses.otlp_http} />;
  const wider = LENGTHS.slice(1).filter((length) => range.kind !== "last" || range.length !== length);
  const hasConditions = filters.length > 0 || q !== "" || question.filters.length > 0;
  return (
    <EmptyState
      title={hasConditions ? t("empty.noHits") : t("empty.nothing")}
      action={<Ranges lengths={wider} onChoose={look} />}
    >
      {hasConditions ? (
        <Suspects question={question} filters={filters} q={q} words={words} onChange={onChange} />
      ) : (
        t("empty.nothingText")
      )}
    </EmptyState>
  );
}

interface RangesProps {
  lengths: readonly Length[];
  onChoose: (length: Length) => void;
}

function Ranges({ lengths, onChoose }: RangesProps) {
  const { t } = useTranslation("traces");
  return (
    <Group gap="xs" justify="center">
      {lengths.map((length) => (
        <Button key={length} variant="default" onClick={() => onChoose(length)}>
          {t("empty.lookAt", { length: t(`empty.last.${length}`) })}
        </Button>
      ))}
    </Group>
  );
}

/** Nothing was ever sent: how to send something. */
function FirstData({ address }: { address: string | undefined }) {
  const { t } = useTranslation("traces");
  const search = useSearch({ strict: false });
  return (
    <EmptyState
      title={t("empty.first")}
      action={
        <Button component={Link} to="/" search={keptSearch(search) as never} variant="light">
          {t("empty.firstAction")}
        </Button>
      }
    >
      {t("empty.firstText")}
      {address && <Code block mt="sm" ta="left">{`OTEL_EXPORTER_OTLP_ENDPOINT=${address}`}</Code>}
    </EmptyState>
  );
}
