import { Button, Group, Stack, TextInput } from "@mantine/core";
import { IconArrowsExchange } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiProblem } from "@/api/problem";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { ErrorState, LoadingState } from "@/components/ui/states";
import { LostTrace } from "../lost-trace";
import { alignTraces } from "../model/align";
import { type CompareSearch, readCompareSearch, readTraceId } from "../search";
import { type LoadedTrace, useTrace } from "../use-trace";
import { CompareSpans } from "./compare-spans";
import { CompareTexts } from "./compare-texts";
import { CompareTotals } from "./compare-totals";

/** Two traces side by side: what one took more than the other, where, and what was said differently. */
export function ComparePage() {
  const { t } = useTranslation("trace");
  const raw: object = useSearch({ strict: false });
  const search = useMemo(() => readCompareSearch({ ...raw }), [raw]);
  const change = useChange();
  const [left, right] = [readTraceId(search.left ?? ""), readTraceId(search.right ?? "")];
  const swap = () => change({ left: search.right, right: search.left, at: undefined });
  return (
    <Page
      title={t("compare.title")}
      actions={
        left &&
        right && (
          <Button variant="default" leftSection={<IconArrowsExchange size={14} aria-hidden />} onClick={swap}>
            {t("compare.swap")}
          </Button>
        )
      }
    >
      {left && right ? (
        <Both
          key={`${left}${right}`}
          left={left}
          right={right}
          at={search.at}
          onAt={(at) => change({ at })}
        />
      ) : (
        <IdForm search={search} onSubmit={change} />
      )}
    </Page>
  );
}

type CompareChange = { [Key in keyof CompareSearch]?: CompareSearch[Key] | undefined };

function useChange(): (values: CompareChange) => void {
  const navigate = useNavigate();
  return (values) =>
    void navigate({
      to: ".",
      search: (old: object) =>
        Object.fromEntries(Object.entries({ ...old, ...values }).filter(([, value]) => value)),
      replace: "at" in values,
      resetScroll: false,
    });
}

function IdForm({ search, onSubmit }: { search: CompareSearch; onSubmit: (ids: CompareSearch) => void }) {
  const { t } = useTranslation("trace");
  const [texts, setTexts] = useState({ left: search.left ?? "", right: search.right ?? "" });
  const [left, right] = [readTraceId(texts.left), readTraceId(texts.right)];
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (left && right) onSubmit({ left, right });
  };
  const field = (side: "left" | "right", id: string | null) => (
    <TextInput
      label={t(`compare.${side}`)}
      value={texts[side]}
      onChange={(event) => setTexts({ ...texts, [side]: event.currentTarget.value })}
      error={texts[side].trim() && !id ? t("lost.malformedHint") : undefined}
    />
  );
  return (
    <Panel>
      <Stack component="form" onSubmit={submit} maw={480} gap="sm">
        <p style={{ margin: 0 }}>{t("compare.choose")}</p>
        {field("left", left)}
        {field("right", right)}
        <Group>
          <Button type="submit" disabled={!left || !right}>
            {t("compare.now")}
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}

interface BothProps {
  left: string;
  right: string;
  at: string | undefined;
  onAt: (spanId: string) => void;
}

function Both({ left, right, at, onAt }: BothProps) {
  const [first, second] = [useTrace(left), useTrace(right)];
  const problem = [
    { ...first, id: left },
    { ...second, id: right },
  ].find(({ query, loaded }) => query.isError && !loaded);
  if (problem) {
    const { error, refetch } = problem.query;
    if (error instanceof ApiProblem && error.isNotFound)
      return <LostTrace written={problem.id} onRetry={() => void refetch()} />;
    return <ErrorState error={error} onRetry={() => void refetch()} />;
  }
  if (!first.loaded || !second.loaded) return <LoadingState height={480} rows={12} />;
  return <Comparison left={first.loaded} right={second.loaded} at={at} onAt={onAt} />;
}

interface ComparisonProps {
  left: LoadedTrace;
  right: LoadedTrace;
  at: string | undefined;
  onAt: (spanId: string) => void;
}

function Comparison({ left, right, at, onAt }: ComparisonProps) {
  const pairs = useMemo(() => alignTraces(left.nodes, right.nodes), [left.nodes, right.nodes]);
  const chosen = pairs.find((pair) => isAt(pair, at)) ?? pairs.find(hasTexts) ?? pairs[0];
  return (
    <>
      <CompareTotals left={left.trace} right={right.trace} />
      <CompareSpans
        pairs={pairs}
        chosen={chosen ?? null}
        isPartial={left.hasMore || right.hasMore}
        onChoose={(pair) => onAt(pair.left?.span.span_id ?? pair.right?.span.span_id ?? "")}
      />
      {chosen && (
        <CompareTexts
          key={chosen.key}
          pair={chosen}
          left={left.trace.trace_id}
          right={right.trace.trace_id}
        />
      )}
    </>
  );
}

type Pairing = ReturnType<typeof alignTraces>[number];

function isAt(pair: Pairing, spanId: string | undefined): boolean {
  return spanId !== undefined && (pair.left?.span.span_id === spanId || pair.right?.span.span_id === spanId);
}

function hasTexts({ left, right }: Pairing): boolean {
  return [left, right].every((node) => node && (node.span.input_preview ?? node.span.output_preview));
}
