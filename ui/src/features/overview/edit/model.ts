/** A board while somebody changes it: values alone, so that every step can be taken back. */

import type { Board, BoardContent, Chart, Tile } from "@/api/boards";

/** A tile or chart with an identity that stays when it moves. */
export interface Item<T> {
  id: number;
  value: T;
}

export interface Draft {
  title: BoardContent["title"];
  description: BoardContent["description"];
  tiles: readonly Item<Tile>[];
  charts: readonly Item<Chart>[];
}

interface Parts {
  tiles: Tile;
  charts: Chart;
}

export type Part = keyof Parts;

export type Step =
  | { [P in Part]: { do: "add"; part: P; value: Parts[P] } }[Part]
  | { [P in Part]: { do: "change"; part: P; id: number; value: Parts[P] } }[Part]
  | { do: "remove"; part: Part; id: number }
  | { do: "move"; part: Part; id: number; to: number }
  | { do: "describe"; title: Draft["title"]; description: Draft["description"] }
  | { do: "replace"; content: BoardContent }
  | { do: "undo" };

export interface Editing {
  draft: Draft;
  past: readonly Draft[];
  nextId: number;
}

const MAX_PAST = 100;

export function startEditing(content: BoardContent): Editing {
  const { draft, nextId } = draftOf(content, 1);
  return { draft, past: [], nextId };
}

export function edited(editing: Editing, step: Step): Editing {
  const { draft, past, nextId } = editing;
  if (step.do === "undo") {
    const before = past.at(-1);
    return before ? { draft: before, past: past.slice(0, -1), nextId } : editing;
  }
  const kept = [...past.slice(-MAX_PAST + 1), draft];
  if (step.do === "replace") {
    const replaced = draftOf(step.content, nextId);
    return { draft: replaced.draft, past: kept, nextId: replaced.nextId };
  }
  return { draft: changed(draft, step, nextId), past: kept, nextId: nextId + 1 };
}

function changed(draft: Draft, step: Exclude<Step, { do: "undo" | "replace" }>, id: number): Draft {
  switch (step.do) {
    case "describe":
      return { ...draft, title: step.title, description: step.description };
    case "add":
      return { ...draft, [step.part]: [...draft[step.part], { id, value: step.value }] };
    case "change": {
      const items: readonly Item<Tile | Chart>[] = draft[step.part];
      const change = (item: Item<Tile | Chart>) =>
        item.id === step.id ? { ...item, value: step.value } : item;
      return { ...draft, [step.part]: items.map(change) };
    }
    case "remove":
      return { ...draft, [step.part]: draft[step.part].filter((item) => item.id !== step.id) };
    case "move":
      return { ...draft, [step.part]: moved<Tile | Chart>(draft[step.part], step.id, step.to) };
  }
}

function moved<T>(items: readonly Item<T>[], id: number, to: number): readonly Item<T>[] {
  const item = items.find((one) => one.id === id);
  if (!item || to < 0 || to >= items.length) return items;
  return items.filter((one) => one.id !== id).toSpliced(to, 0, item);
}

function draftOf(content: BoardContent, firstId: number): { draft: Draft; nextId: number } {
  let id = firstId;
  const named = <T>(value: T): Item<T> => ({ id: id++, value });
  const { title, description, tiles, charts } = content;
  return { draft: { title, description, tiles: tiles.map(named), charts: charts.map(named) }, nextId: id };
}

export function contentOf(draft: Draft, name: string): BoardContent {
  const values = <T>(items: readonly Item<T>[]): T[] => items.map(({ value }) => value);
  const { title, description, tiles, charts } = draft;
  return { name, title, description, tiles: values(tiles), charts: values(charts) };
}

/** Whether a draft says anything else than what was begun with. */
export function differs(draft: Draft, original: BoardContent): boolean {
  const { name, title, description, tiles, charts } = original;
  return (
    JSON.stringify(contentOf(draft, name)) !== JSON.stringify({ name, title, description, tiles, charts })
  );
}

/** A board to begin with; it has no name until it is saved. */
export function emptyBoard(): Board {
  return {
    name: "",
    title: { en: "", ko: "" },
    description: { en: "", ko: "" },
    tiles: [],
    charts: [],
    origin: "team",
    pack: null,
    is_changed: false,
    revision: "",
    updated_at: null,
    updated_by: null,
    problems: [],
  };
}

/** A name for addresses out of a title; empty if nothing of it can be used. */
export function slugOf(title: string): string {
  return title
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 64);
}

export const SLUG = /^[a-z0-9][a-z0-9_-]{0,63}$/;
