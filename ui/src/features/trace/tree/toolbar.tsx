import {
  ActionIcon,
  Button,
  Checkbox,
  Popover,
  SegmentedControl,
  Stack,
  TextInput,
  Tooltip,
} from "@mantine/core";
import { IconChevronDown, IconFold, IconSearch, IconZoomIn, IconZoomReset } from "@tabler/icons-react";
import { memo, type RefObject, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { KindIcon, kindOf } from "../kinds";
import type { Mode, Node } from "../model/tree";
import classes from "./toolbar.module.css";

export interface ToolbarProps {
  nodes: readonly Node[];
  shownCount: number;
  matchCount: number | null;
  find: string;
  kinds: readonly string[];
  onlyErrors: boolean;
  errorCount: number;
  mode: Mode;
  isZoomed: boolean;
  canZoom: boolean;
  findRef: RefObject<HTMLInputElement | null>;
  onFind: (text: string) => void;
  onKinds: (kinds: string[]) => void;
  onOnlyErrors: (isOn: boolean) => void;
  onMode: (mode: Mode) => void;
  onFoldAll: () => void;
  onZoom: () => void;
}

/** What the tree shows, and how. */
export const Toolbar = memo(function Toolbar(props: ToolbarProps) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const { find, findRef, onFind, mode, onMode, onlyErrors, errorCount, onOnlyErrors, onFoldAll } = props;
  const zoomLabel = props.isZoomed ? t("tree.zoomOut") : t("tree.zoomIn");
  return (
    <div className={classes.bar} role="toolbar" aria-label={t("tree.toolbar")}>
      <SegmentedControl
        size="xs"
        aria-label={t("tree.mode")}
        value={mode}
        onChange={(value) => onMode(value as Mode)}
        data={[
          { value: "tree", label: t("tree.asTree") },
          { value: "timeline", label: t("tree.asTimeline") },
        ]}
      />
      <TextInput
        ref={findRef}
        className={classes.find}
        aria-label={t("tree.find")}
        placeholder={t("tree.find")}
        leftSection={<IconSearch size={14} aria-hidden />}
        value={find}
        onChange={(event) => onFind(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && find && onFind("")}
      />
      <KindFilter {...props} />
      <Button
        variant={onlyErrors ? "light" : "default"}
        aria-pressed={onlyErrors}
        disabled={errorCount === 0 && !onlyErrors}
        onClick={() => onOnlyErrors(!onlyErrors)}
      >
        {t("tree.onlyErrors", { count: errorCount })}
      </Button>
      <Tooltip label={t("tree.foldAll")}>
        <ActionIcon aria-label={t("tree.foldAll")} disabled={mode === "timeline"} onClick={onFoldAll}>
          <IconFold size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={zoomLabel}>
        <ActionIcon
          aria-label={zoomLabel}
          disabled={!props.isZoomed && !props.canZoom}
          onClick={props.onZoom}
        >
          {props.isZoomed ? <IconZoomReset size={16} aria-hidden /> : <IconZoomIn size={16} aria-hidden />}
        </ActionIcon>
      </Tooltip>
      <span className={classes.note} role="status">
        {props.matchCount === null
          ? t("tree.shown", { shown: formatCount(props.shownCount, language) })
          : t("tree.matches", { matches: formatCount(props.matchCount, language) })}
      </span>
    </div>
  );
});

function KindFilter({ nodes, kinds, onKinds }: ToolbarProps) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const counts = useMemo(() => countKinds(nodes), [nodes]);
  return (
    <Popover position="bottom-start" shadow="md" trapFocus>
      <Popover.Target>
        <Button
          variant={kinds.length ? "light" : "default"}
          rightSection={<IconChevronDown size={12} aria-hidden />}
        >
          {kinds.length ? t("tree.kindsChosen", { count: kinds.length }) : t("tree.kinds")}
        </Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Checkbox.Group value={[...kinds]} onChange={onKinds} aria-label={t("tree.kinds")}>
          <Stack gap={6}>
            {[...counts].map(([kind, count]) => (
              <Checkbox
                key={kind}
                size="xs"
                value={kind}
                label={
                  <span style={{ display: "inline-flex", gap: 6, alignItems: "center" }}>
                    <KindIcon kind={kind} />
                    <span aria-hidden="true">{t(`kind.${kindOf(kind)}`)}</span>
                    <span style={{ color: "var(--pw-ink-faint)" }}>{formatCount(count, language)}</span>
                  </span>
                }
              />
            ))}
          </Stack>
        </Checkbox.Group>
      </Popover.Dropdown>
    </Popover>
  );
}

function countKinds(nodes: readonly Node[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { span } of nodes) {
    const kind = kindOf(span.kind);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return new Map([...counts].sort(([, left], [, right]) => right - left));
}
