import { ActionIcon, SegmentedControl, Select, Tooltip } from "@mantine/core";
import { IconLayoutSidebar, IconRefresh } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { HistogramAnswer } from "@/api/traces";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { LEVELS, SORTS } from "../search";
import type { TracesState } from "../use-traces-state";
import type { Words } from "../use-words";
import { ColumnChooser } from "./column-chooser";
import { DatasetButton } from "./dataset-button";
import { QuickFilters } from "./quick-filters";
import classes from "./toolbar.module.css";

interface ToolbarProps {
  state: TracesState;
  words: Words;
  columns: readonly string[];
  histogram: HistogramAnswer | undefined;
  hasFacets: boolean;
  onFacets: () => void;
  onRefresh: () => void;
  isRefreshing: boolean;
}

/** What is looked for most, what a row is, the order, the columns, and how many there are. */
export function Toolbar(props: ToolbarProps) {
  const { state, words, columns, histogram, hasFacets, onFacets, onRefresh, isRefreshing } = props;
  const { t } = useTranslation("traces");
  const facetsLabel = hasFacets ? t("facets.hide") : t("facets.show");
  return (
    <div className={classes.toolbar}>
      <Tooltip label={facetsLabel}>
        <ActionIcon
          variant={hasFacets ? "light" : "default"}
          color="accent"
          size={26}
          aria-label={facetsLabel}
          aria-pressed={hasFacets}
          onClick={onFacets}
        >
          <IconLayoutSidebar size={15} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <QuickFilters question={state.question} filters={state.filters} onFilters={state.setFilters} />
      <Count histogram={histogram} />
      <div className={classes.right}>
        <SegmentedControl
          size="xs"
          aria-label={t("level.label")}
          data={LEVELS.map((level) => ({ value: level, label: t(`level.${level}`) }))}
          value={state.level}
          onChange={(level) =>
            state.change({
              level: level === "span" ? "span" : undefined,
              cols: undefined,
              preview: undefined,
            })
          }
        />
        <Select
          aria-label={t("sort.label")}
          className={classes.sort}
          data={SORTS.map((sort) => ({ value: sort, label: t(`sort.${sort}`) }))}
          value={state.sort}
          allowDeselect={false}
          onChange={(sort) => state.change({ sort: SORTS.find((known) => known === sort) })}
        />
        <ColumnChooser
          level={state.level}
          shown={columns}
          words={words}
          onChange={(cols) => state.change({ cols })}
        />
        <DatasetButton question={state.question} />
        <Tooltip label={t("list.refresh")}>
          <ActionIcon
            variant="default"
            size={26}
            aria-label={t("list.refresh")}
            aria-busy={isRefreshing}
            onClick={onRefresh}
          >
            <IconRefresh size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </div>
    </div>
  );
}

/** How many matched, and how many of them failed. */
export function Count({ histogram }: { histogram: HistogramAnswer | undefined }) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  if (!histogram) return <span className={classes.count} />;
  const { total, error_total, level } = histogram;
  return (
    <span className={classes.count} role="status">
      <b>{t(`count.${level}`, { count: total, written: formatCount(total, language) })}</b>
      {error_total > 0 && (
        <>
          {" · "}
          {t("count.failed", { written: formatCount(error_total, language) })}
        </>
      )}
    </span>
  );
}
