import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

type Change<Search> = { [Key in keyof Search]?: Search[Key] | undefined };

/** What a page keeps in its URL, read forgivingly, and how to change it; what became empty leaves the URL. */
export function usePageSearch<Search extends object>(read: (raw: Record<string, unknown>) => Search) {
  const raw: object = useSearch({ strict: false });
  const navigate = useNavigate();
  const search = useMemo(() => read({ ...raw }), [raw, read]);
  const change = (values: Change<Search>) =>
    void navigate({
      to: ".",
      search: (old: object) =>
        Object.fromEntries(
          Object.entries({ ...old, ...values }).filter(([, value]) => value !== undefined && value !== ""),
        ),
      replace: true,
      resetScroll: false,
    });
  return { search, change };
}
