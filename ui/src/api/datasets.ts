/** Datasets: versions of examples, and where they come from. */

import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import type { Bounds } from "@/lib/time-range";
import { ask, client, projectOf, type Scope } from "./client";
import type { components } from "./schema.gen";

export type Dataset = components["schemas"]["DatasetView"];
export type DatasetVersion = components["schemas"]["DatasetVersionView"];
export type OneDataset = components["schemas"]["OneDataset"];
export type Example = components["schemas"]["ExampleView"];
export type ExampleContext = components["schemas"]["ExampleContext"];
export type ImportedDataset = components["schemas"]["ImportedDataset"];
export type AppendedDataset = components["schemas"]["AppendedDataset"];

const LIST_ROWS = 200;
const EXAMPLE_ROWS = 50;
/** Of a session, the last ones. */
const MOST_TURNS = 20;

export const datasetKeys = {
  all: ["datasets"] as const,
  list: (scope: Scope) => [...datasetKeys.all, "list", scope.project ?? null] as const,
  one: (scope: Scope, name: string, version: string | undefined) =>
    [...datasetKeys.all, "one", scope.project ?? null, name, version ?? null] as const,
  versions: (scope: Scope, name: string) =>
    [...datasetKeys.all, "versions", scope.project ?? null, name] as const,
  examples: (scope: Scope, name: string, version: string | undefined) =>
    [...datasetKeys.one(scope, name, version), "examples"] as const,
};

export function datasetsQuery(scope: Scope) {
  return infiniteQueryOptions({
    queryKey: datasetKeys.list(scope),
    queryFn: ({ pageParam, signal }) => {
      const query = { ...projectOf(scope), limit: LIST_ROWS, ...(pageParam ? { cursor: pageParam } : {}) };
      return ask(client.GET("/api/v1/datasets", { params: { query }, signal }));
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  });
}

/** A dataset with one of its versions, the newest unless another is named. */
export function datasetQuery(scope: Scope, name: string, version?: string) {
  return queryOptions({
    queryKey: datasetKeys.one(scope, name, version),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/datasets/{name}", {
          params: { path: { name }, query: { ...projectOf(scope), ...(version ? { version } : {}) } },
          signal,
        }),
      ),
  });
}

export function datasetVersionsQuery(scope: Scope, name: string) {
  return queryOptions({
    queryKey: datasetKeys.versions(scope, name),
    queryFn: ({ signal }) =>
      ask(
        client.GET("/api/v1/datasets/{name}/versions", {
          params: { path: { name }, query: projectOf(scope) },
          signal,
        }),
      ),
  });
}

export function examplesQuery(scope: Scope, name: string, version?: string) {
  return infiniteQueryOptions({
    queryKey: datasetKeys.examples(scope, name, version),
    queryFn: ({ pageParam, signal }) => {
      const query = {
        ...projectOf(scope),
        limit: EXAMPLE_ROWS,
        ...(version ? { version } : {}),
        ...(pageParam ? { cursor: pageParam } : {}),
      };
      return ask(
        client.GET("/api/v1/datasets/{name}/examples", { params: { path: { name }, query }, signal }),
      );
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    placeholderData: keepPreviousData,
  });
}

export interface DatasetFile {
  file: File;
  /** Absent: what the file says, else its name. */
  name?: string | undefined;
  /** Leave out what is no example instead of refusing the file. */
  skipsInvalid: boolean;
}

/** Import a file; a dataset of the same name gets a new version. */
export function useImportDataset(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ file, name, skipsInvalid }: DatasetFile) =>
      ask(
        client.POST("/api/v1/datasets", {
          params: {
            query: {
              ...projectOf(scope),
              file: file.name,
              skip_invalid: skipsInvalid,
              ...(name ? { name } : {}),
            },
          },
          // The generated types know a body of bytes as text; it goes out as it is.
          body: file as unknown as string,
          bodySerializer: (body) => body as unknown as BodyInit,
          headers: { "Content-Type": "application/octet-stream" },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: datasetKeys.all }),
  });
}

export interface TracesChoice {
  dataset: string;
  filters: readonly string[];
  q?: string | undefined;
  bounds: Bounds;
  /** What one example is made of. */
  by: "trace" | "session";
  limit: number;
  isDistinct: boolean;
}

/** Make examples out of traces that fit conditions, or conversations out of their sessions. */
export function useDatasetFromTraces(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ dataset, filters, q, bounds, by, limit, isDistinct }: TracesChoice) =>
      ask(
        client.POST("/api/v1/datasets/from-traces", {
          params: { query: projectOf(scope) },
          body: {
            dataset,
            filters: [...filters],
            ...(q ? { q } : {}),
            since: bounds.since,
            ...(bounds.until ? { until: bounds.until } : {}),
            by,
            turns: MOST_TURNS,
            limit,
            distinct: isDistinct,
            seed: 0,
          },
        }),
      ),
    onSuccess: () => cache.invalidateQueries({ queryKey: datasetKeys.all }),
  });
}

export function useDeleteDataset(scope: Scope) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (name: string) =>
      ask(client.DELETE("/api/v1/datasets/{name}", { params: { path: { name }, query: projectOf(scope) } })),
    onSuccess: () => cache.invalidateQueries({ queryKey: datasetKeys.all }),
  });
}

/** Where a version can be had as a file. */
export function datasetFile(scope: Scope, name: string, version: number, format: string): string {
  const query = new URLSearchParams({ ...projectOf(scope), format, version: String(version) });
  return `/api/v1/datasets/${encodeURIComponent(name)}/export?${query}`;
}
