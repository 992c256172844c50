import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type Board = components["schemas"]["BoardView"];
export type Tile = components["schemas"]["TileView"];
export type Chart = components["schemas"]["ChartView"];
/** What of a board people write: the board without where it comes from. */
export type BoardContent = components["schemas"]["BoardContent"];

export const boardKeys = {
  all: ["boards"] as const,
  list: (scope: Scope) => [...boardKeys.all, "list", scope.project ?? null] as const,
  yaml: (scope: Scope, name: string, revision: string) =>
    [...boardKeys.all, "yaml", scope.project ?? null, name, revision] as const,
};

/** Boards of the packs in their order, then the team's own. */
export function boardsQuery(scope: Scope) {
  return queryOptions({
    queryKey: boardKeys.list(scope),
    queryFn: ({ signal }) =>
      ask(client.GET("/api/v1/boards", { params: { query: projectOf(scope) }, signal })),
    select: (answer) => answer.boards,
    staleTime: 60_000,
  });
}

/** A board as YAML; another revision is another text. */
export function boardYamlQuery(scope: Scope, name: string, revision: string) {
  return queryOptions({
    queryKey: boardKeys.yaml(scope, name, revision),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/boards/{name}/yaml", {
          params: { path: { name }, query: projectOf(scope) },
          signal,
        }),
      ),
    select: (answer) => answer.yaml,
  });
}

interface Save {
  content: BoardContent;
  /** The revision that was edited; empty for a new board, null to replace whatever there is. */
  revision: string | null;
}

/** Save a board; the list knows it before the answer to a new question comes. */
export function useSaveBoard(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ content, revision }: Save) =>
      ask(
        client.PUT("/api/v1/boards/{name}", {
          params: { path: { name: content.name }, query: projectOf(scope) },
          body: { ...bodyOf(content), revision },
        }),
      ),
    onSuccess: (saved) => {
      cache.setQueryData(boardsQuery(scope).queryKey, (known) => {
        if (!known) return known;
        const isKnown = known.boards.some((board) => board.name === saved.name);
        const boards = known.boards.map((board) => (board.name === saved.name ? saved : board));
        return { boards: isKnown ? boards : [...boards, saved] };
      });
      return cache.invalidateQueries({ queryKey: boardKeys.all });
    },
    // Who is told that somebody else saved wants to see what.
    onError: () => cache.invalidateQueries({ queryKey: boardKeys.all }),
  });
}

/** Forget what the team saved; a changed board of a pack goes back to the pack's. */
export function useDeleteBoard(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      ask(client.DELETE("/api/v1/boards/{name}", { params: { path: { name }, query: projectOf(scope) } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: boardKeys.all }),
  });
}

/** Read YAML as a board; nothing is saved. */
export function useParseBoard() {
  return useMutation({
    mutationFn: (yaml: string) => ask(client.POST("/api/v1/boards/parse", { body: { yaml } })),
  });
}

/** Texts of the server are by language; those that are sent have both. */
function bodyOf(content: BoardContent) {
  const both = (text: { readonly [language: string]: string }) => ({ en: text.en ?? "", ko: text.ko ?? "" });
  return {
    name: content.name,
    title: both(content.title),
    description: both(content.description),
    tiles: content.tiles.map((tile) => ({ ...tile, title: tile.title && both(tile.title) })),
    charts: content.charts.map((chart) => ({ ...chart, title: both(chart.title) })),
  };
}
