import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Change } from "@/api/changes";
import type { Signal } from "@/api/signals";
import type { ChartMark } from "@/components/charts/types";
import { pickText, useLanguage } from "@/i18n";
import { type Series, seriesName } from "./series";

/** What series are called; the only one bears the title of its signal. */
export function useSeriesNames(signal: Signal): (series: Pick<Series, "labels">) => string {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  return useCallback(
    (series) => seriesName(series, t("noLabel"), pickText(signal.title, language)),
    [signal, language, t],
  );
}

/** Changes as marks of a chart. */
export function useChangeMarks(changes: readonly Change[]): ChartMark[] {
  const { t } = useTranslation("signals");
  return useMemo(
    () =>
      changes.map(({ at, origin, kind, subject, before, after }) => {
        if (origin === "told")
          return { at: Date.parse(at), label: after ? `${subject} (${after})` : subject };
        const what = `${t(`change.${kind as "version"}`)} ${subject === after ? "" : subject}`.trim();
        const values = { what, before: before ?? "", after: after ?? "" };
        return {
          at: Date.parse(at),
          label: before === null ? t("change.first", values) : t("change.from", values),
        };
      }),
    [changes, t],
  );
}
