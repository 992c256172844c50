import {
  ActionIcon,
  Button,
  Group,
  Popover,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCalendar, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { formatInstant, timeZoneName } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { absoluteOf, RELATIVE_LENGTHS, type TimeRange } from "@/lib/time-range";
import classes from "./range-picker.module.css";

/** The time range of the page, and whether new data changes it. */
export function RangePicker() {
  const { t } = useTranslation("shell");
  const { range, setRange, isLive, setPaused } = usePageState();
  const pauseLabel = isLive ? t("range.pause") : t("range.resume");
  const isKnown = range.kind === "last" && RELATIVE_LENGTHS.some((length) => length === range.length);
  return (
    <div className={classes.picker}>
      <SegmentedControl
        size="xs"
        aria-label={t("range.label")}
        data={RELATIVE_LENGTHS.map((length) => ({ value: length, label: t(`range.last.${length}`) }))}
        value={isKnown ? range.length : ""}
        onChange={(length) => setRange({ kind: "last", length })}
      />
      <CustomRange range={range} isShown={!isKnown} onChoose={setRange} />
      {range.kind === "last" && (
        <Tooltip label={pauseLabel}>
          <ActionIcon
            size="sm"
            aria-label={pauseLabel}
            aria-pressed={!isLive}
            onClick={() => setPaused(isLive)}
          >
            {isLive ? <IconPlayerPause size={15} aria-hidden /> : <IconPlayerPlay size={15} aria-hidden />}
          </ActionIcon>
        </Tooltip>
      )}
    </div>
  );
}

interface CustomRangeProps {
  range: TimeRange;
  /** Whether the range is none of the usual ones, so that it has to be written out. */
  isShown: boolean;
  onChoose: (range: TimeRange) => void;
}

function CustomRange({ range, isShown, onChoose }: CustomRangeProps) {
  const { t } = useTranslation("shell");
  const language = useLanguage();
  const [isOpen, popover] = useDisclosure(false);
  const written =
    range.kind === "last"
      ? t("range.lastLength", { length: range.length })
      : `${formatInstant(range.since, language)} – ${formatInstant(range.until, language)}`;
  return (
    <Popover
      opened={isOpen}
      onChange={popover.toggle}
      position="bottom-start"
      trapFocus
      returnFocus
      shadow="md"
    >
      <Popover.Target>
        {isShown ? (
          <Button
            variant="light"
            size="compact-xs"
            leftSection={<IconCalendar size={14} aria-hidden />}
            onClick={popover.toggle}
          >
            {written}
          </Button>
        ) : (
          <Tooltip label={t("range.custom")}>
            <ActionIcon size="sm" aria-label={t("range.custom")} onClick={popover.toggle}>
              <IconCalendar size={15} aria-hidden />
            </ActionIcon>
          </Tooltip>
        )}
      </Popover.Target>
      <Popover.Dropdown>
        <CustomForm
          range={range}
          onChoose={(chosen) => {
            popover.close();
            onChoose(chosen);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}

function CustomForm({ range, onChoose }: { range: TimeRange; onChoose: (range: TimeRange) => void }) {
  const { t } = useTranslation("shell");
  const [start] = useState(() => absoluteOf(range, new Date()));
  const [since, setSince] = useState(() => localInput(start.since));
  const [until, setUntil] = useState(() => localInput(start.until));
  const isOrdered = since !== "" && until !== "" && since < until;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!isOrdered) return;
    onChoose({ kind: "between", since: new Date(since).toISOString(), until: new Date(until).toISOString() });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <TextInput
          type="datetime-local"
          step={1}
          label={t("range.since")}
          value={since}
          onChange={(event) => setSince(event.currentTarget.value)}
        />
        <TextInput
          type="datetime-local"
          step={1}
          label={t("range.until")}
          value={until}
          error={isOrdered ? null : t("range.disordered")}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
        <Group justify="space-between" gap="xs">
          <Text size="xs" c="dimmed">
            {timeZoneName()}
          </Text>
          <Button type="submit" disabled={!isOrdered}>
            {t("range.apply")}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** An instant as `<input type="datetime-local">` writes it, in the browser's time zone. */
function localInput(instant: string): string {
  const date = new Date(instant);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
