import { Button, Select } from "@mantine/core";
import { IconList, IconX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type ExemplarQuestion, exemplarsQuery } from "@/api/exemplars";
import type { Signal } from "@/api/signals";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { keptSearch, type PageSearch, usePageState } from "@/lib/page-state";
import { boundsOf } from "@/lib/time-range";
import { filtersBehind } from "./conditions";
import { ExemplarTable } from "./exemplar-table";
import classes from "./explorer.module.css";
import type { Series } from "./series";
import type { Explorer } from "./use-explorer";
import { useSeriesNames } from "./use-names";
import { formatStretch } from "./window-text";

interface ExemplarsPanelProps {
  explorer: Explorer;
  signals: readonly Signal[];
}

/** What the server calls all that is beyond the largest parts; no records of its own. */
const OTHER = "(other)";

/** The traces behind the window that was chosen, or behind the whole range. */
export function ExemplarsPanel({ explorer, signals }: ExemplarsPanelProps) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const { scope } = usePageState();
  const { search, change, overall, signal } = explorer;
  const chosen = useChosen(explorer);
  const exemplars = useQuery({
    ...exemplarsQuery(scope, chosen.question),
    // A window and a series are known only with the answer, and so is whether the condition holds.
    enabled: overall !== undefined || !(search.at || search.of || search.where),
  });
  return (
    <Panel
      title={t("exemplars.title")}
      note={
        search.at
          ? formatStretch(chosen.question.since, chosen.question.until ?? "", language)
          : t("exemplars.wholeRange")
      }
      actions={
        <>
          <SeriesSelect explorer={explorer} />
          {search.at && (
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<IconX size={13} aria-hidden />}
              onClick={() => change({ at: undefined, of: undefined })}
            >
              {t("exemplars.leave")}
            </Button>
          )}
          <TracesLink
            explorer={explorer}
            signals={signals}
            labels={chosen.labels}
            question={chosen.question}
          />
        </>
      }
      isFlush={exemplars.data !== undefined}
    >
      <QueryView query={exemplars} height={200} skeletonRows={5}>
        {({ exemplars, order }) =>
          exemplars.length ? (
            <>
              <p className={classes.order}>{t(`exemplars.order.${order}`)}</p>
              <ExemplarTable exemplars={exemplars} unit={signal.unit} />
            </>
          ) : (
            <EmptyState title={t("exemplars.nothing")}>{t("exemplars.nothingText")}</EmptyState>
          )
        }
      </QueryView>
    </Panel>
  );
}

/** The window and the series whose traces are wanted, as the server is asked for them. */
function useChosen({ search, signal, windows, where, totals }: Explorer) {
  const { range } = usePageState();
  return useMemo(() => {
    const labels: Series["labels"] = totals.find(({ key }) => key === search.of)?.labels ?? {};
    const step = (windows?.step_seconds ?? 60) * 1000;
    const bounds = search.at
      ? { since: search.at, until: new Date(Date.parse(search.at) + step).toISOString() }
      : boundsOf(range);
    const label = Object.entries(labels)
      .filter(([, value]) => value !== OTHER)
      .map(([name, value]) => `${name}:${value}`);
    const question: ExemplarQuestion = {
      name: signal.name,
      ...bounds,
      ...(where ? { where } : {}),
      ...(label.length ? { label } : {}),
      limit: 20,
    };
    return { labels, question };
  }, [search.at, search.of, signal.name, windows?.step_seconds, where, totals, range]);
}

const EVERY = "";

function SeriesSelect({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const { totals, search, change, signal } = explorer;
  const nameOf = useSeriesNames(signal);
  const named = totals.filter(({ labels }) => Object.keys(labels).length > 0);
  if (named.length === 0) return null;
  const data = [
    { value: EVERY, label: t("exemplars.every") },
    ...named.map((total) => ({ value: total.key, label: nameOf(total) })),
  ];
  return (
    <Select
      w={180}
      aria-label={t("exemplars.series")}
      data={data}
      value={data.some(({ value }) => value === search.of) ? (search.of ?? EVERY) : EVERY}
      allowDeselect={false}
      searchable={named.length > 10}
      onChange={(of) => change({ of: of || undefined })}
    />
  );
}

interface TracesLinkProps extends ExemplarsPanelProps {
  labels: Series["labels"];
  question: ExemplarQuestion;
}

/** To the list of traces, narrowed alike. */
function TracesLink({ explorer, signals, labels, question }: TracesLinkProps) {
  const { t } = useTranslation("signals");
  const kept = keptSearch(useSearch({ strict: false }));
  const { search, signal } = explorer;
  const known = Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== OTHER));
  const { filters, isWhole } = filtersBehind({
    signal,
    catalogue: signals,
    labels: known,
    where: search.where,
  });
  const { range, since, until, ...others } = kept;
  const time: PageSearch = search.at
    ? { since: question.since, until: question.until ?? "" }
    : { ...(range ? { range } : {}), ...(since ? { since } : {}), ...(until ? { until } : {}) };
  const target: PageSearch & { filter?: string[] } = {
    ...others,
    ...time,
    ...(filters.length ? { filter: filters } : {}),
  };
  return (
    <Link
      to="/traces"
      search={target}
      className={classes.link}
      title={isWhole ? undefined : t("exemplars.partly")}
    >
      <IconList size={14} aria-hidden />
      {t("exemplars.list")}
      {!isWhole && <span className="pw-visually-hidden">{t("exemplars.partly")}</span>}
    </Link>
  );
}
