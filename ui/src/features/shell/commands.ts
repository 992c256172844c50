import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { rulesQuery } from "@/api/alert-rules";
import { evalRunsQuery } from "@/api/eval-runs";
import { openIncidentsQuery } from "@/api/incidents";
import { catalogueQuery } from "@/api/signals";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { keptSearch, usePageState } from "@/lib/page-state";
import { DESTINATIONS } from "./navigation";

/** Something the palette offers. */
export interface Command {
  id: string;
  kind: string;
  name: string;
  note?: string;
  run: () => void;
}

/** What the palette offers for a text. */
export interface Commands {
  commands: Command[];
  /** Nothing that is still on its way from the server can come before the first command. */
  isFirstKnown: boolean;
}

type NotedCommand = Command & { note: string };

const TRACE_ID = /^[0-9a-f]{32}$/;
const MAX_SIGNALS = 12;
const MAX_RULES = 8;
const MAX_RUNS = 8;
/** Newest runs among which a text is looked for. */
const KNOWN_RUNS = 50;

/** What fits a text: a trace by its id, pages, signals, and a search for the text itself. */
export function useCommands(text: string): Commands {
  const { t } = useTranslation("shell");
  const language = useLanguage();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const signals = useQuery(catalogueQuery);
  const watched = useWatched();
  const runs = useRuns();
  const isLoading = signals.isLoading || watched.isLoading || runs.isLoading;
  return useMemo(() => {
    const kept = keptSearch(search);
    const wanted = text.trim();
    const id = wanted.replaceAll("-", "").toLowerCase();
    const traces: Command[] = TRACE_ID.test(id)
      ? [
          {
            id: "trace",
            kind: t("kind.trace"),
            name: id,
            run: () => void navigate({ to: "/traces/$traceId", params: { traceId: id }, search: kept }),
          },
        ]
      : [];
    const pages: NotedCommand[] = DESTINATIONS.map(({ name, to, key }) => ({
      id: `page-${name}`,
      kind: t("kind.page"),
      name: t(`page.${name}`),
      note: `g ${key}`,
      run: () => void navigate({ to, search: kept }),
    }));
    const named: NotedCommand[] = (signals.data ?? []).map((signal) => ({
      id: `signal-${signal.name}`,
      kind: t("kind.signal"),
      name: pickText(signal.title, language),
      note: signal.name,
      run: () => void navigate({ to: "/signals/$name", params: { name: signal.name }, search: kept }),
    }));
    const texts: Command[] = wanted
      ? [
          {
            id: "text",
            kind: t("kind.text"),
            name: t("searchText", { text: wanted }),
            run: () => void navigate({ to: "/traces", search: { ...kept, q: wanted } }),
          },
        ]
      : [];
    const known = [...traces, ...matching(pages, wanted)];
    const commands = [
      ...known,
      ...matching(watched.incidents, wanted),
      ...matching(named, wanted).slice(0, MAX_SIGNALS),
      ...matching(watched.rules, wanted).slice(0, MAX_RULES),
      ...matching(runs.named, wanted).slice(0, MAX_RUNS),
      ...texts,
    ];
    return { commands, isFirstKnown: known.length > 0 || !isLoading };
  }, [
    text,
    t,
    language,
    navigate,
    search,
    isLoading,
    signals.data,
    watched.incidents,
    watched.rules,
    runs.named,
  ]);
}

/** Incidents that are not over, and the rules of alerts. */
function useWatched(): { incidents: NotedCommand[]; rules: NotedCommand[]; isLoading: boolean } {
  const { t } = useTranslation("shell");
  const language = useLanguage();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const { scope } = usePageState();
  const incidents = useQuery(openIncidentsQuery(scope));
  const rules = useQuery({ ...rulesQuery(scope), refetchInterval: false });
  const named = useMemo(() => {
    const kept = keptSearch(search);
    return {
      incidents: (incidents.data?.incidents ?? []).map(({ id, number, title }) => ({
        id: `incident-${id}`,
        kind: t("kind.incident"),
        name: visibleLine(pickText(title, language)),
        note: `#${number}`,
        run: () => void navigate({ to: "/incidents/$incidentId", params: { incidentId: id }, search: kept }),
      })),
      rules: (rules.data ?? []).map(({ name, title }) => ({
        id: `rule-${name}`,
        kind: t("kind.rule"),
        name: visibleLine(pickText(title, language)),
        note: name,
        run: () => void navigate({ to: "/alerts/rules/$name", params: { name }, search: kept }),
      })),
    };
  }, [incidents.data, rules.data, t, language, navigate, search]);
  return { ...named, isLoading: incidents.isLoading || rules.isLoading };
}

/** The newest evaluation runs. */
function useRuns(): { named: NotedCommand[]; isLoading: boolean } {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const { scope } = usePageState();
  const runs = useInfiniteQuery({ ...evalRunsQuery(scope, { limit: KNOWN_RUNS }), refetchInterval: false });
  const named = useMemo(() => {
    const kept = keptSearch(search);
    return (runs.data?.pages ?? []).flatMap((page) =>
      page.runs.map(({ id, name, dataset }) => ({
        id: `run-${id}`,
        kind: t("kind.run"),
        name: visibleLine(name || dataset),
        note: id,
        run: () => void navigate({ to: "/evaluations/runs/$runId", params: { runId: id }, search: kept }),
      })),
    );
  }, [runs.data, t, navigate, search]);
  return { named, isLoading: runs.isLoading };
}

/** Keep what has every word of a text in its name or note. */
function matching(commands: NotedCommand[], text: string): NotedCommand[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter(({ name, note }) => {
    const written = `${name} ${note}`.toLowerCase();
    return words.every((word) => written.includes(word));
  });
}
