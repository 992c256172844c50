import { useNavigate } from "@tanstack/react-router";
import { useCallback } from "react";

/** Change what a page keeps in its URL; what becomes undefined leaves it. */
export function useSearchChange<Search extends object>() {
  const navigate = useNavigate();
  return useCallback(
    (values: { [Key in keyof Search]?: Search[Key] | undefined }) =>
      void navigate({
        to: ".",
        search: (old: object) =>
          Object.fromEntries(
            Object.entries({ ...old, ...values }).filter(([, value]) => value !== undefined && value !== ""),
          ),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
}
