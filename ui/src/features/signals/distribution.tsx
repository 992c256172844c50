import { useTranslation } from "react-i18next";
import { ShareBars } from "@/components/charts/share-bars";
import { EmptyState } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCount, formatValue } from "@/lib/format";
import classes from "./explorer.module.css";
import type { Total } from "./series";
import type { Explorer } from "./use-explorer";

/** More groups are in the table of values. */
const MOST_GROUPS = 12;

/** The parts of a distribution over the whole range, once per group that it is split into. */
export function Distribution({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const { signal, search, totals } = explorer;
  const by = (search.by ?? []).filter((label) => signal.by.includes(label));
  const groups = groupsOf(totals, by);
  if (groups.length === 0)
    return <EmptyState title={t("chart.nothing")}>{t("chart.nothingText")}</EmptyState>;
  return (
    <div className={classes.distributions}>
      {groups.slice(0, MOST_GROUPS).map(({ name, parts }) => (
        <section key={name}>
          {name && (
            <h3 className={classes.group}>
              {name}
              <span>
                {t("samples", {
                  count: countOf(parts),
                  written: formatCount(countOf(parts), language),
                })}
              </span>
            </h3>
          )}
          <ShareBars
            label={[pickText(signal.title, language), name].filter(Boolean).join(", ")}
            parts={sharesOf(parts, by).map(({ label, value, share }) => ({
              label: visibleLine(label) || t("noLabel"),
              share,
              color: 0,
              ...(signal.unit === "ratio" ? {} : { amount: formatValue(value, signal.unit, language) }),
            }))}
          />
        </section>
      ))}
      {groups.length > MOST_GROUPS && (
        <p className={classes.quiet}>{t("chart.moreGroups", { count: groups.length - MOST_GROUPS })}</p>
      )}
    </div>
  );
}

function groupsOf(totals: readonly Total[], by: readonly string[]) {
  const groups = new Map<string, Total[]>();
  for (const total of totals) {
    const name = by.map((label) => visibleLine(total.labels[label] ?? "")).join(" · ");
    groups.set(name, [...(groups.get(name) ?? []), total]);
  }
  return [...groups].map(([name, parts]) => ({ name, parts }));
}

function countOf(parts: readonly Total[]): number {
  return Math.max(0, ...parts.map(({ count }) => count));
}

function sharesOf(parts: readonly Total[], by: readonly string[]) {
  const whole = parts.reduce((sum, { value }) => sum + (value ?? 0), 0);
  return parts.map(({ labels, value }) => ({
    label: Object.entries(labels)
      .filter(([name]) => !by.includes(name))
      .map(([, text]) => text)
      .join(" · "),
    value,
    share: whole > 0 ? (value ?? 0) / whole : 0,
  }));
}
