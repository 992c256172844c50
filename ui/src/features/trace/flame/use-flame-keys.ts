import type { KeyboardEvent } from "react";
import type { FlameNode } from "./model";

interface FlameKeys {
  nodes: readonly FlameNode[];
  /** Which frames can be gone to. */
  isDrawn: (index: number) => boolean;
  chosen: number;
  onChoose: (index: number) => void;
  onZoom: (index: number) => void;
  onZoomOut: () => void;
}

/** Keys of a flame graph: up to the caller, down to what took longest, along what one frame called, in and out. */
export function useFlameKeys(keys: FlameKeys): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = actionOf(event.key, keys);
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
}

function actionOf(key: string, keys: FlameKeys): (() => void) | null {
  if (key === "Enter" || key === " ") return () => keys.onZoom(keys.chosen);
  if (key === "Escape") return keys.onZoomOut;
  const target = targetOf(key, keys);
  if (target === undefined) return null;
  return () => {
    if (target >= 0 && keys.isDrawn(target)) keys.onChoose(target);
  };
}

function targetOf(key: string, { nodes, isDrawn, chosen }: FlameKeys): number | undefined {
  const node = nodes[chosen];
  if (!node) return undefined;
  const siblings = nodes[node.parent]?.children ?? rootsOf(nodes);
  const place = siblings.indexOf(chosen);
  switch (key) {
    case "ArrowUp":
      return node.parent;
    case "ArrowDown":
      return node.children[0] ?? -1;
    case "ArrowLeft":
      return siblings[place - 1] ?? -1;
    case "ArrowRight":
      return siblings[place + 1] ?? -1;
    case "Home":
      return nodes.findIndex(({ index }) => isDrawn(index));
    default:
      return undefined;
  }
}

function rootsOf(nodes: readonly FlameNode[]): number[] {
  return nodes.filter(({ parent }) => parent === -1).map(({ index }) => index);
}
