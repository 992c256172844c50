import { Button, Group, Kbd, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { labelQueueQuery, type QueuedCase, useAddLabel } from "@/api/eval-labels";
import { type EvalRun, evalCaseQuery } from "@/api/eval-runs";
import { Panel } from "@/components/ui/panel";
import { EmptyState, ErrorState, QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { CaseTextsView } from "../case/case-texts-view";
import { readCaseTexts } from "../model/case-texts";
import { useMetricNames } from "../use-metric-names";
import classes from "./labels.module.css";

interface LabelQueueProps {
  run: EvalRun;
  metric: string;
}

/** One case at a time: `1` passes it, `0` fails it, `s` leaves it for another time. */
export function LabelQueue({ run, metric }: LabelQueueProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { scope } = usePageState();
  const { titleOf, find } = useMetricNames();
  const queue = useQuery(labelQueueQuery(scope, run.id, metric));
  const adding = useAddLabel(scope);
  const [done, setDone] = useState<ReadonlySet<string>>(new Set());
  const left = queue.data?.cases.filter(({ example_id }) => !done.has(example_id)) ?? [];
  const [current] = left;
  const settle = (id: string) => setDone((known) => new Set([...known, id]));
  const label = (value: 0 | 1) => {
    if (!current || adding.isPending) return;
    const { example_id } = current;
    adding.mutate(
      { run: run.id, metric, exampleId: example_id, value },
      { onSuccess: () => settle(example_id) },
    );
  };
  const skip = () => current && settle(current.example_id);
  useShortcut("1", t("labels.pass"), t("labels.title"), () => label(1));
  useShortcut("0", t("labels.fail"), t("labels.title"), () => label(0));
  useShortcut("s", t("labels.skip"), t("labels.title"), () => void skip());
  const description = find(metric)?.description;
  return (
    <Panel
      title={titleOf(metric)}
      note={t("labels.left", { count: left.length, written: formatCount(left.length, language) })}
      isFlush
    >
      {description && (
        <Text size="sm" className={classes.question}>
          {pickText(description, language)}
        </Text>
      )}
      <QueryView query={queue} height={360} skeletonRows={8}>
        {() =>
          current ? (
            <QueuedTexts run={run} queued={current} />
          ) : (
            <EmptyState title={t("labels.none")}>{t("labels.noneText")}</EmptyState>
          )
        }
      </QueryView>
      {adding.isError && <ErrorState error={adding.error} />}
      {current && (
        <Group className={classes.answers} gap="xs">
          <Button variant="default" rightSection={<Kbd size="xs">{"1"}</Kbd>} onClick={() => label(1)}>
            {t("labels.pass")}
          </Button>
          <Button variant="default" rightSection={<Kbd size="xs">{"0"}</Kbd>} onClick={() => label(0)}>
            {t("labels.fail")}
          </Button>
          <Button variant="subtle" rightSection={<Kbd size="xs">{"s"}</Kbd>} onClick={skip}>
            {t("labels.skip")}
          </Button>
        </Group>
      )}
    </Panel>
  );
}

/** The texts of the case and nothing of what the judge said: who has seen it agrees more. */
function QueuedTexts({ run, queued }: { run: EvalRun; queued: QueuedCase }) {
  const { scope } = usePageState();
  const query = useQuery(evalCaseQuery(scope, run.id, queued.position));
  return (
    <QueryView query={query} height={360} skeletonRows={8}>
      {(detail) => (
        <div className={classes.texts}>
          <CaseTextsView texts={readCaseTexts(detail)} lit={[]} />
        </div>
      )}
    </QueryView>
  );
}
