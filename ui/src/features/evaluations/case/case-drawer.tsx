import { ActionIcon, Button, Drawer, Group, Tooltip } from "@mantine/core";
import { IconArrowRight, IconChevronDown, IconChevronUp, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import { type CaseDetail, type EvalRun, evalCaseQuery } from "@/api/eval-runs";
import { BandMark } from "@/components/ui/band-mark";
import { CopyableId } from "@/components/ui/copy-button";
import { QueryView } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { bandOfCase } from "../model/scores";
import { passedWord } from "../run/case-columns";
import type { Neighbours } from "../run/use-case-order";
import classes from "./case-drawer.module.css";
import { CaseView } from "./case-view";

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
  const { run, position, metric, onMetric, onClose } = props;
  const { t } = useTranslation("evals");
  const id = useId();
  const { scope } = usePageState();
  const query = useQuery(evalCaseQuery(scope, run.id, position));
  return (
    <Drawer.Root opened onClose={onClose} position="right" size="min(1080px, 100%)">
      <Drawer.Overlay />
      <Drawer.Content aria-labelledby={id}>
        <Drawer.Body p={0} className={classes.body}>
          <CaseHead {...props} detail={query.data} titleId={id} />
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
          <div className={classes.content} tabIndex={0} role="region" aria-label={t("case.label")}>
            <QueryView query={query} height={480} skeletonRows={10}>
              {(detail) => (
                <CaseView
                  key={detail.position}
                  detail={detail}
                  metrics={run.plan.metrics}
                  metric={metric}
                  onMetric={onMetric}
                />
              )}
            </QueryView>
          </div>
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

interface CaseHeadProps extends CaseDrawerProps {
  detail: CaseDetail | undefined;
  titleId: string;
}

function CaseHead({ position, neighbours, onMove, onClose, detail, titleId }: CaseHeadProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const search = keptSearch(useSearch({ strict: false }));
  const { previous, next } = neighbours;
  useShortcut("j", t("keys.nextCase"), t("case.label"), () => next !== null && onMove(next));
  useShortcut("k", t("keys.previousCase"), t("case.label"), () => previous !== null && onMove(previous));
  return (
    <header className={classes.header}>
      <h2 id={titleId} className={classes.title}>
        {t("case.title", { number: formatCount(position + 1, language) })}
      </h2>
      {detail && (
        <>
          <BandMark
            band={bandOfCase(detail.passed)}
            withWord
            word={t(`passed.${passedWord(detail.passed)}`)}
          />
          <CopyableId value={detail.example_id} what={t("case.id")} shown={24} />
        </>
      )}
      <Group gap={4} ml="auto" wrap="nowrap">
        {detail?.trace_id && (
          <Button
            variant="light"
            size="compact-sm"
            rightSection={<IconArrowRight size={14} aria-hidden />}
            renderRoot={(props) => (
              <Link
                to="/traces/$traceId"
                params={{ traceId: detail.trace_id ?? "" }}
                search={search}
                {...props}
              />
            )}
          >
            {t("case.trace")}
          </Button>
        )}
        <Step label={t("keys.previousCase")} to={previous} onMove={onMove} isUp />
        <Step label={t("keys.nextCase")} to={next} onMove={onMove} />
        <ActionIcon aria-label={t("close")} onClick={onClose} data-autofocus>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      </Group>
    </header>
  );
}

interface StepProps {
  label: string;
  to: number | null;
  onMove: (position: number) => void;
  isUp?: boolean;
}

function Step({ label, to, onMove, isUp = false }: StepProps) {
  const Icon = isUp ? IconChevronUp : IconChevronDown;
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} disabled={to === null} onClick={() => to !== null && onMove(to)}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
