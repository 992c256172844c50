import type { Board, Chart, Tile } from "@/api/boards";

export function createFakeTile(overrides: Partial<Tile> = {}): Tile {
  return { signal: "requests.count", title: null, last: null, where: null, ...overrides };
}

export function createFakeChart(overrides: Partial<Chart> = {}): Chart {
  return {
    title: { en: "Requests over time", ko: "시간별 요청" },
    kind: "lines",
    signals: ["requests.count"],
    by: [],
    where: null,
    size: "half",
    ...overrides,
  };
}

/** A board of a pack with one tile and no chart. */
export function createFakeBoard(overrides: Partial<Board> = {}): Board {
  return {
    name: "real_time",
    title: { en: "Real time", ko: "실시간" },
    description: { en: "What happens now.", ko: "지금 일어나는 일입니다." },
    tiles: [createFakeTile()],
    charts: [],
    origin: "pack",
    pack: "core",
    is_changed: false,
    revision: "r1",
    updated_at: null,
    updated_by: null,
    problems: [],
    ...overrides,
  };
}
