/** A flame graph as numbers: which frames hang together, where each is drawn, which took the time. */

import type { ProfileFrame } from "@/api/trace";

export interface FlameNode {
  index: number;
  frame: ProfileFrame;
  /** Index of the caller; -1 for a root. */
  parent: number;
  children: number[];
}

/** Frames come depth first; the caller of one is the last before it that is one less deep. */
export function buildFlame(frames: readonly ProfileFrame[]): FlameNode[] {
  const nodes: FlameNode[] = [];
  const path: number[] = [];
  for (const [index, frame] of frames.entries()) {
    path.length = frame.depth;
    const parent = path[frame.depth - 1] ?? -1;
    nodes.push({ index, frame, parent, children: [] });
    nodes[parent]?.children.push(index);
    path.push(index);
  }
  return nodes;
}

/** The first frame that does something itself or calls more than one: what stands above it only calls on. */
export function splitOf(nodes: readonly FlameNode[]): number {
  if (nodes.filter(({ parent }) => parent === -1).length !== 1) return -1;
  let place = 0;
  for (;;) {
    const node = nodes[place];
    const [only, ...others] = node?.children ?? [];
    if (!node || only === undefined || others.length > 0) return place;
    if (node.frame.self_ms > node.frame.total_ms * NOTABLE) return place;
    place = only;
  }
}

const NOTABLE = 0.01;

/** A frame as it is drawn, in shares of the width. */
export interface Box {
  node: FlameNode;
  row: number;
  left: number;
  width: number;
  /** It stands above the frame that is zoomed to. */
  isAbove: boolean;
}

export interface Drawing {
  boxes: Box[];
  rows: number;
  /** Frames too narrow to be seen. */
  small: number;
}

/** Narrower than this nothing can be pointed at. */
const LEAST_WIDTH = 0.0015;

interface DrawingOptions {
  /** Index of the frame that fills the width; -1 for the whole profile. */
  zoomed: number;
  /** Index of the highest frame that is drawn; what calls it is left out. */
  top: number;
}

/** Lay out what is seen when a frame fills the width. */
export function drawFlame(nodes: readonly FlameNode[], { zoomed, top }: DrawingOptions): Drawing {
  const [start, length] = windowOf(nodes, zoomed);
  const above = new Set(callersOf(nodes, zoomed));
  const first = nodes[top]?.frame.depth ?? 0;
  const below = nodes.filter(({ frame }) => frame.depth >= first);
  const seen = below
    .map((node) => boxOf(node, first, above.has(node.index), start, length))
    .filter(({ left, width, isAbove }) => isAbove || (left > -ROUNDING && left + width < 1 + ROUNDING));
  const boxes = seen.filter(({ width }) => width >= LEAST_WIDTH);
  const rows = boxes.reduce((most, { row }) => Math.max(most, row + 1), 0);
  return { boxes, rows, small: seen.length - boxes.length };
}

function boxOf(node: FlameNode, first: number, isAbove: boolean, start: number, length: number): Box {
  const { depth, offset_ms, total_ms } = node.frame;
  const row = depth - first;
  if (isAbove) return { node, row, left: 0, width: 1, isAbove };
  if (length <= 0) return { node, row, left: 0, width: 0, isAbove };
  return { node, row, left: (offset_ms - start) / length, width: total_ms / length, isAbove };
}

const ROUNDING = 1e-9;

function windowOf(nodes: readonly FlameNode[], zoomed: number): [start: number, length: number] {
  const frame = nodes[zoomed]?.frame;
  if (frame) return [frame.offset_ms, frame.total_ms];
  return [0, totalOf(nodes)];
}

/** Time of all roots together. */
export function totalOf(nodes: readonly FlameNode[]): number {
  return nodes.reduce((sum, { parent, frame }) => (parent === -1 ? sum + frame.total_ms : sum), 0);
}

/** Who called a frame, nearest first. */
export function callersOf(nodes: readonly FlameNode[], index: number): number[] {
  const callers: number[] = [];
  for (let at = nodes[index]?.parent ?? -1; at >= 0; at = nodes[at]?.parent ?? -1) callers.push(at);
  return callers;
}

export interface OwnTime {
  name: string;
  file: string | null;
  self_ms: number;
}

/** Functions by the time they took themselves, wherever they were called from. */
export function costliest(nodes: readonly FlameNode[], limit: number): OwnTime[] {
  const times = new Map<string, OwnTime>();
  for (const { frame } of nodes) {
    const key = JSON.stringify([frame.function, frame.file]);
    const known = times.get(key) ?? { name: frame.function, file: frame.file, self_ms: 0 };
    times.set(key, { ...known, self_ms: known.self_ms + frame.self_ms });
  }
  return [...times.values()]
    .filter(({ self_ms }) => self_ms > 0)
    .sort((left, right) => right.self_ms - left.self_ms)
    .slice(0, limit);
}

export function isMatch({ frame }: FlameNode, words: string): boolean {
  const wanted = words.trim().toLowerCase();
  return wanted !== "" && `${frame.function}\n${frame.file ?? ""}`.toLowerCase().includes(wanted);
}

/** Time of the frames that match, those inside of another one not twice. */
export function matchedTime(nodes: readonly FlameNode[], words: string): number {
  let sum = 0;
  const inside = new Set<number>();
  for (const node of nodes) {
    if (inside.has(node.parent)) inside.add(node.index);
    else if (isMatch(node, words)) {
      inside.add(node.index);
      sum += node.frame.total_ms;
    }
  }
  return sum;
}

const HUES = 8;

/** A colour for each file: the eight that took most time themselves are told apart. */
export function huesOf(nodes: readonly FlameNode[]): ReadonlyMap<string | null, number> {
  const times = new Map<string | null, number>();
  for (const { frame } of nodes) times.set(frame.file, (times.get(frame.file) ?? 0) + frame.self_ms);
  const files = [...times].sort(([, left], [, right]) => right - left);
  return new Map(files.map(([file], place) => [file, (place % HUES) + 1]));
}
