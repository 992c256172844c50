import { ActionIcon, Button, Drawer, Group, Tooltip } from "@mantine/core";
import { IconArrowRight, IconChevronDown, IconChevronUp, IconX } from "@tabler/icons-react";
import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { CopyableId } from "@/components/ui/copy-button";
import { keptSearch } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import classes from "./detail-drawer.module.css";

interface DetailDrawerProps<Key> {
  title: string;
  /** Beside the title: how it stands. */
  mark?: ReactNode;
  /** Absent while it is on its way. */
  id: string | undefined;
  traceId: string | null | undefined;
  /** Widest, in px. */
  size: number;
  previous: Key | null;
  next: Key | null;
  /** What the keys do, and what the id is, in the person's language. */
  words: { previous: string; next: string; id: string };
  onMove: (key: Key) => void;
  onClose: () => void;
  children: ReactNode;
}

/** One of many over the page; `j` and `k` go to those beside it, Escape closes. */
export function DetailDrawer<Key>(props: DetailDrawerProps<Key>) {
  const { title, mark, id, traceId, size, previous, next, words, onMove, onClose, children } = props;
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  useShortcut("j", words.next, t("title"), () => next !== null && onMove(next));
  useShortcut("k", words.previous, t("title"), () => previous !== null && onMove(previous));
  return (
    <Drawer.Root opened onClose={onClose} position="right" size={`min(${size}px, 100%)`}>
      <Drawer.Overlay />
      <Drawer.Content aria-label={title}>
        <Drawer.Body p={0} className={classes.body}>
          <header className={classes.header}>
            <h2 className={classes.title}>{title}</h2>
            {mark}
            {id !== undefined && <CopyableId value={id} what={words.id} shown={20} />}
            <Group gap={4} ml="auto" wrap="nowrap">
              {traceId && (
                <Button
                  variant="light"
                  size="compact-sm"
                  rightSection={<IconArrowRight size={14} aria-hidden />}
                  renderRoot={(button) => (
                    <Link to="/traces/$traceId" params={{ traceId }} search={search} {...button} />
                  )}
                >
                  {t("case.trace")}
                </Button>
              )}
              <Step label={words.previous} onStep={previous === null ? null : () => onMove(previous)} isUp />
              <Step label={words.next} onStep={next === null ? null : () => onMove(next)} />
              <ActionIcon aria-label={t("close")} onClick={onClose} data-autofocus>
                <IconX size={16} aria-hidden />
              </ActionIcon>
            </Group>
          </header>
          {children}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

interface StepProps {
  label: string;
  /** Null at the end. */
  onStep: (() => void) | null;
  isUp?: boolean;
}

function Step({ label, onStep, isUp = false }: StepProps) {
  const Icon = isUp ? IconChevronUp : IconChevronDown;
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} disabled={!onStep} onClick={() => onStep?.()}>
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}
