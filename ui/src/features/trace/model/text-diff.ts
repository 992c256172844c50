/** What changed between two texts: by line first, then by word within lines that were replaced. */

export type Change = "same" | "removed" | "added";

export interface Piece {
  change: Change;
  text: string;
}

export interface DiffLine {
  change: Change;
  pieces: Piece[];
}

/** Longer texts are compared up to here. */
export const MAX_DIFF_LENGTH = 200_000;
/** Beyond so many edits two texts have little in common, and finding out how little takes long. */
const MAX_LINE_EDITS = 800;
const MAX_WORD_EDITS = 200;

/** Compare two texts line by line. */
export function diffLines(left: string, right: string): DiffLine[] {
  const blocks = diff(linesOf(left), linesOf(right), MAX_LINE_EDITS);
  const lines: DiffLine[] = [];
  for (let at = 0; at < blocks.length; at++) {
    const [block, next] = [blocks[at] as Block, blocks[at + 1]];
    if (block.change === "removed" && next?.change === "added") {
      lines.push(...replacedLines(block.items, next.items));
      at++;
    } else lines.push(...block.items.map((text) => wholeLine(block.change, text)));
  }
  return lines;
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.slice(0, MAX_DIFF_LENGTH).replaceAll("\r\n", "\n").split("\n");
}

function wholeLine(change: Change, text: string): DiffLine {
  return { change, pieces: [{ change, text }] };
}

/** Lines that took the place of others: pair by pair with the words that differ. */
function replacedLines(removed: string[], added: string[]): DiffLine[] {
  const paired = Math.min(removed.length, added.length);
  const [before, after]: [DiffLine[], DiffLine[]] = [[], []];
  for (let at = 0; at < paired; at++) {
    const words = diff(wordsOf(removed[at] ?? ""), wordsOf(added[at] ?? ""), MAX_WORD_EDITS);
    before.push({ change: "removed", pieces: piecesOf(words, "removed") });
    after.push({ change: "added", pieces: piecesOf(words, "added") });
  }
  before.push(...removed.slice(paired).map((text) => wholeLine("removed", text)));
  after.push(...added.slice(paired).map((text) => wholeLine("added", text)));
  return [...before, ...after];
}

function wordsOf(line: string): string[] {
  return line.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function piecesOf(blocks: Block[], side: Change): Piece[] {
  return blocks
    .filter(({ change }) => change === "same" || change === side)
    .map(({ change, items }) => ({ change, text: items.join("") }));
}

interface Block {
  change: Change;
  items: string[];
}

/** Shortest edit from one list to another. Source: Myers 1986, An O(ND) Difference Algorithm and Its Variations. */
function diff(left: string[], right: string[], maxEdits: number): Block[] {
  const start = commonStart(left, right);
  const end = commonEnd(left, right, start);
  const [before, after] = [left.slice(start, left.length - end), right.slice(start, right.length - end)];
  return joined([
    { change: "same", items: left.slice(0, start) },
    ...middle(before, after, maxEdits),
    { change: "same", items: left.slice(left.length - end) },
  ]);
}

function commonStart(left: string[], right: string[]): number {
  let count = 0;
  while (count < left.length && count < right.length && left[count] === right[count]) count++;
  return count;
}

function commonEnd(left: string[], right: string[], start: number): number {
  let count = 0;
  const most = Math.min(left.length, right.length) - start;
  while (count < most && left[left.length - 1 - count] === right[right.length - 1 - count]) count++;
  return count;
}

function middle(left: string[], right: string[], maxEdits: number): Block[] {
  const trace = furthestPaths(left, right, maxEdits);
  if (!trace) {
    return [
      { change: "removed", items: left },
      { change: "added", items: right },
    ];
  }
  return backtrack(trace, left, right);
}

/** How far each diagonal gets with each number of edits; null if it takes too many. */
function furthestPaths(left: string[], right: string[], maxEdits: number): Map<number, number>[] | null {
  const most = Math.min(left.length + right.length, maxEdits);
  const trace: Map<number, number>[] = [];
  let furthest = new Map([[1, 0]]);
  for (let edits = 0; edits <= most; edits++) {
    trace.push(new Map(furthest));
    const next = new Map(furthest);
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      let x = isDown(furthest, diagonal, edits) ? at(furthest, diagonal + 1) : at(furthest, diagonal - 1) + 1;
      while (x < left.length && x - diagonal < right.length && left[x] === right[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= left.length && x - diagonal >= right.length) return trace;
    }
    furthest = next;
  }
  return null;
}

function at(furthest: Map<number, number>, diagonal: number): number {
  return furthest.get(diagonal) ?? -1;
}

function isDown(furthest: Map<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  return diagonal !== edits && at(furthest, diagonal - 1) < at(furthest, diagonal + 1);
}

function backtrack(trace: Map<number, number>[], left: string[], right: string[]): Block[] {
  const blocks: Block[] = [];
  let [x, y] = [left.length, right.length];
  for (let edits = trace.length - 1; edits >= 0; edits--) {
    const [fromX, fromY] = placeBefore(trace[edits] as Map<number, number>, x - y, edits);
    for (; x > fromX && y > fromY; x--, y--) blocks.push({ change: "same", items: left.slice(x - 1, x) });
    if (edits === 0) break;
    if (x === fromX) blocks.push({ change: "added", items: right.slice(y - 1, y) });
    else blocks.push({ change: "removed", items: left.slice(x - 1, x) });
    [x, y] = [fromX, fromY];
  }
  return blocks.reverse();
}

/** Where the edit that led to a diagonal came from. */
function placeBefore(furthest: Map<number, number>, diagonal: number, edits: number): [number, number] {
  if (edits === 0) return [0, 0];
  const from = isDown(furthest, diagonal, edits) ? diagonal + 1 : diagonal - 1;
  return [at(furthest, from), at(furthest, from) - from];
}

/** Neighbours of one kind become one; within a stretch of changes the removed come first. */
function joined(blocks: Block[]): Block[] {
  const result: Block[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const flush = () => {
    if (removed.length) result.push({ change: "removed", items: removed });
    if (added.length) result.push({ change: "added", items: added });
    [removed, added] = [[], []];
  };
  for (const { change, items } of blocks) {
    if (change === "removed") removed.push(...items);
    else if (change === "added") added.push(...items);
    else if (items.length) {
      flush();
      const last = result.at(-1);
      if (last?.change === "same") last.items.push(...items);
      else result.push({ change, items: [...items] });
    }
  }
  flush();
  return result;
}
