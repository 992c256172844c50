import { Link, useSearch } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import type { Signal } from "@/api/signals";
import { Panel } from "@/components/ui/panel";
import { pickText, useLanguage } from "@/i18n";
import { formatCount, formatValue } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { namesIn } from "./conditions";
import classes from "./explorer.module.css";

interface DefinitionPanelProps {
  signal: Signal;
  signals: readonly Signal[];
}

/** What the signal is: in words and as it is declared. */
export function DefinitionPanel({ signal, signals }: DefinitionPanelProps) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const { bands, over, by, unit, better, per_seconds } = signal;
  const limitIn = (limit: string) => writtenLimit(limit, (value) => formatValue(value, unit, language));
  const limits = [
    bands.critical && `${t("definition.critical")} ${limitIn(bands.critical)}`,
    bands.warning && `${t("definition.warning")} ${limitIn(bands.warning)}`,
  ].filter(Boolean);
  const rows: [string, ReactNode][] = [
    [t("definition.over"), over ? <code key="over">{over}</code> : t("definition.formula")],
    [t("definition.value"), <Formula key="value" text={signal.value} signals={signals} />],
    [t("definition.unit"), <code key="unit">{unit}</code>],
    [t("definition.better"), t(`better.${better}`)],
    [t("definition.bands"), limits.length ? limits.join(" · ") : t("definition.noBands")],
    [
      t("definition.minCount"),
      t("samples", { count: bands.min_count, written: formatCount(bands.min_count, language) }),
    ],
    [t("definition.by"), by.join(", ")],
    ...(per_seconds
      ? [[t("definition.per"), t("definition.seconds", { count: per_seconds })] as [string, string]]
      : []),
  ];
  return (
    <Panel title={t("definition.title")}>
      <p className={classes.description}>{pickText(signal.description, language)}</p>
      <dl className={classes.facts}>
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Panel>
  );
}

/** A limit such as `> 40000` with its number in the unit of the signal. */
function writtenLimit(limit: string, write: (value: number) => string): string {
  const [, operator, number] = /^\s*([<>]=?)\s*(\S+)\s*$/.exec(limit) ?? [];
  return operator && Number.isFinite(Number(number)) ? `${operator} ${write(Number(number))}` : limit;
}

/** A formula whose signals lead to their own pages. */
function Formula({ text, signals }: { text: string; signals: readonly Signal[] }) {
  const kept = keptSearch(useSearch({ strict: false }));
  const known = namesIn(text).filter((name) => signals.some((signal) => signal.name === name));
  if (known.length === 0) return <code>{text}</code>;
  const pieces = text.split(
    new RegExp(`\\b(${known.map((name) => name.replaceAll(".", "\\.")).join("|")})\\b`),
  );
  return (
    <code>
      {pieces.map((piece, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a name may stand in a formula twice
        <Fragment key={place}>
          {known.includes(piece) ? (
            <Link to="/signals/$name" params={{ name: piece }} search={kept}>
              {piece}
            </Link>
          ) : (
            piece
          )}
        </Fragment>
      ))}
    </code>
  );
}
