import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Change, seenKind, toldText } from "@/api/changes";
import type { Signal } from "@/api/signals";
import type { ChartMark } from "@/components/charts/types";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
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
      changes.map((change) => {
        const at = Date.parse(change.at);
        const kind = seenKind(change);
        if (!kind) return { at, label: visibleLine(toldText(change)) };
        const { subject, before } = change;
        const after = change.after ?? "";
        const what = `${t(`change.${kind}`)} ${subject === after ? "" : subject}`.trim();
        const values = { what, before: before ?? "", after };
        return { at, label: before === null ? t("change.first", values) : t("change.from", values) };
      }),
    [changes, t],
  );
}
