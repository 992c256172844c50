import { parseLength } from "@/lib/time-range";

/** What the overview keeps in its URL besides what every page does. */
export interface OverviewSearch {
  /** Name of the board; the first one unless said. */
  board?: string;
  /** Present and true: the board is being changed. */
  edit?: true;
}

export function readOverviewSearch(raw: Record<string, unknown>): OverviewSearch {
  return {
    ...boardOf(raw),
    ...(raw.edit === true || raw.edit === "true" ? { edit: true as const } : {}),
  };
}

/** What the wall keeps in its URL besides what every page does. */
export interface WallSearch {
  board?: string;
  /** How long each board stays, such as `30s`; absent: one board. */
  rotate?: string;
}

export function readWallSearch(raw: Record<string, unknown>): WallSearch {
  const rotate = typeof raw.rotate === "string" && parseLength(raw.rotate) !== null ? raw.rotate : undefined;
  return { ...boardOf(raw), ...(rotate ? { rotate } : {}) };
}

function boardOf(raw: Record<string, unknown>): { board?: string } {
  return typeof raw.board === "string" && raw.board ? { board: raw.board } : {};
}
