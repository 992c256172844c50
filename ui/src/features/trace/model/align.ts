/** Two traces laid over each other by structure: the same names and kinds under the same parents. */

import type { Node } from "./tree";

export interface Pair {
  left: Node | null;
  right: Node | null;
  depth: number;
  /** Stable name: ids of both. */
  key: string;
}

/** Pair the spans of two traces, in depth-first order.
 *
 * Under paired parents the n-th child of a kind and name meets the n-th of the same; of the rest, which often
 * differ by a model in their name, the n-th of a kind meets the n-th of that kind. What is left stands alone.
 */
export function alignTraces(left: readonly Node[], right: readonly Node[]): Pair[] {
  const [leftBelow, rightBelow] = [childrenOf(left), childrenOf(right)];
  const pairs: Pair[] = [];
  const open = pairSiblings(leftBelow.get(-1) ?? [], rightBelow.get(-1) ?? [], 0).reverse();
  for (let pair = open.pop(); pair; pair = open.pop()) {
    pairs.push(pair);
    const below = pairSiblings(
      pair.left ? (leftBelow.get(pair.left.index) ?? []) : [],
      pair.right ? (rightBelow.get(pair.right.index) ?? []) : [],
      pair.depth + 1,
    );
    open.push(...below.reverse());
  }
  return pairs;
}

function childrenOf(nodes: readonly Node[]): Map<number, Node[]> {
  const children = new Map<number, Node[]>();
  for (const node of nodes) {
    const known = children.get(node.parent);
    if (known) known.push(node);
    else children.set(node.parent, [node]);
  }
  return children;
}

function pairSiblings(left: readonly Node[], right: readonly Node[], depth: number): Pair[] {
  const partners = new Map<Node, Node>();
  const free = new Set(right);
  for (const keyOf of [nameKey, kindKey]) {
    const waiting = grouped([...free], keyOf);
    for (const node of left) {
      if (partners.has(node)) continue;
      const partner = waiting.get(keyOf(node))?.shift();
      if (!partner) continue;
      partners.set(node, partner);
      free.delete(partner);
    }
  }
  return merged(left, right, partners, free, depth);
}

const nameKey = ({ span }: Node): string => `${span.kind ?? ""}\n${span.name}`;
const kindKey = ({ span }: Node): string => span.kind ?? "";

function grouped(nodes: readonly Node[], keyOf: (node: Node) => string): Map<string, Node[]> {
  const groups = new Map<string, Node[]>();
  for (const node of nodes) {
    const known = groups.get(keyOf(node));
    if (known) known.push(node);
    else groups.set(keyOf(node), [node]);
  }
  return groups;
}

/** In the order of the left trace; what only the right one has stands after what it follows there. */
function merged(
  left: readonly Node[],
  right: readonly Node[],
  partners: ReadonlyMap<Node, Node>,
  alone: ReadonlySet<Node>,
  depth: number,
): Pair[] {
  const followers = new Map<Node | null, Node[]>();
  let last: Node | null = null;
  for (const node of right) {
    if (!alone.has(node)) last = node;
    else followers.set(last, [...(followers.get(last) ?? []), node]);
  }
  const add = (pairs: Pair[], after: Node | null) => {
    for (const node of followers.get(after) ?? []) pairs.push(pairOf(null, node, depth));
  };
  const pairs: Pair[] = [];
  add(pairs, null);
  for (const node of left) {
    const partner = partners.get(node) ?? null;
    pairs.push(pairOf(node, partner, depth));
    if (partner) add(pairs, partner);
  }
  return pairs;
}

function pairOf(left: Node | null, right: Node | null, depth: number): Pair {
  return { left, right, depth, key: `${left?.span.span_id ?? ""}|${right?.span.span_id ?? ""}` };
}
