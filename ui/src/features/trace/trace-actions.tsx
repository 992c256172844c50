import { ActionIcon, Button, Group, Popover, Stack, TextInput, Tooltip } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconGitCompare } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { keptSearch } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { neighboursOf } from "@/lib/trace-links";
import { readTraceId } from "./search";

/** The way to the traces beside this one, and to another one beside it. */
export function TraceActions({ traceId }: { traceId: string }) {
  const { t } = useTranslation("trace");
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const { previous, next } = useMemo(() => neighboursOf(traceId), [traceId]);
  const open = (id: string | null) => {
    if (id) void navigate({ to: "/traces/$traceId", params: { traceId: id }, search: keptSearch(search) });
  };
  useShortcut(",", t("shortcut.previousTrace"), t("shortcut.group"), () => open(previous));
  useShortcut(".", t("shortcut.nextTrace"), t("shortcut.group"), () => open(next));
  return (
    <Group gap={4}>
      {(previous || next) && (
        <>
          <Step label={t("action.previous")} isUp onClick={previous ? () => open(previous) : null} />
          <Step label={t("action.next")} onClick={next ? () => open(next) : null} />
        </>
      )}
      <CompareMenu traceId={traceId} previous={previous} next={next} />
    </Group>
  );
}

function Step({
  label,
  isUp = false,
  onClick,
}: {
  label: string;
  isUp?: boolean;
  onClick: (() => void) | null;
}) {
  const Icon = isUp ? IconChevronUp : IconChevronDown;
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size={30}
        aria-label={label}
        disabled={!onClick}
        onClick={onClick ?? undefined}
      >
        <Icon size={16} aria-hidden />
      </ActionIcon>
    </Tooltip>
  );
}

interface CompareMenuProps {
  traceId: string;
  previous: string | null;
  next: string | null;
}

function CompareMenu({ traceId, previous, next }: CompareMenuProps) {
  const { t } = useTranslation("trace");
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const [text, setText] = useState("");
  const other = readTraceId(text);
  const compare = (id: string) =>
    void navigate({ to: "/compare", search: { ...keptSearch(search), left: traceId, right: id } });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (other) compare(other);
  };
  return (
    <Popover position="bottom-end" shadow="md" trapFocus width={320}>
      <Popover.Target>
        <Button variant="default" leftSection={<IconGitCompare size={14} aria-hidden />}>
          {t("action.compare")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs" component="form" onSubmit={submit}>
          <TextInput
            label={t("action.compareId")}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            error={text.trim() && !other ? t("lost.malformedHint") : undefined}
            classNames={{ input: "pw-mono" }}
            data-autofocus
          />
          <Group gap="xs">
            <Button type="submit" disabled={!other}>
              {t("action.compareNow")}
            </Button>
            {previous && (
              <Button variant="default" onClick={() => compare(previous)}>
                {t("action.comparePrevious")}
              </Button>
            )}
            {next && (
              <Button variant="default" onClick={() => compare(next)}>
                {t("action.compareNext")}
              </Button>
            )}
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}
