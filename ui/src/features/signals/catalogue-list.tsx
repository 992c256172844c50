import { Skeleton } from "@mantine/core";
import { Link, useSearch } from "@tanstack/react-router";
import { type KeyboardEvent, memo } from "react";
import { useTranslation } from "react-i18next";
import type { Signal } from "@/api/signals";
import { Sparkline } from "@/components/charts/sparkline";
import { type Band, BandMark } from "@/components/ui/band-mark";
import { UnitNumber } from "@/components/ui/number";
import { Panel } from "@/components/ui/panel";
import { pickText, useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import classes from "./catalogue.module.css";
import { isKnownFamily } from "./families";
import { BAND_ORDER } from "./search";
import type { Reading } from "./use-readings";

interface CatalogueListProps {
  /** Under a family or a band. */
  groups: readonly { name: string; signals: readonly Signal[] }[];
  /** Absent while they load. */
  readings: ReadonlyMap<string, Reading> | undefined;
}

/** Signals with their values; arrow keys go from one to the next. */
export function CatalogueList({ groups, readings }: CatalogueListProps) {
  const { t } = useTranslation("signals");
  const title = (name: string) => {
    if (isKnownFamily(name)) return t(`family.${name}`);
    return isBand(name) ? <BandMark band={name} withWord /> : name;
  };
  return (
    <div className={classes.groups} role="group" aria-label={t("title")} onKeyDown={moveFocus}>
      {groups.map((group) => (
        <Panel key={group.name} title={title(group.name)} note={group.signals.length} isFlush>
          <ul className={classes.list}>
            {group.signals.map((signal) => (
              <Row key={signal.name} signal={signal} reading={readings?.get(signal.name)} />
            ))}
          </ul>
        </Panel>
      ))}
    </div>
  );
}

function isBand(name: string): name is Band {
  return BAND_ORDER.some((band) => band === name);
}

function moveFocus(event: KeyboardEvent<HTMLElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !(event.target instanceof HTMLAnchorElement)) return;
  const links = [...event.currentTarget.querySelectorAll("a")];
  event.preventDefault();
  links[links.indexOf(event.target) + step]?.focus();
}

interface RowProps {
  signal: Signal;
  reading: Reading | undefined;
}

const Row = memo(function Row({ signal, reading }: RowProps) {
  const language = useLanguage();
  const search = useSearch({ strict: false });
  return (
    <li className={classes.item}>
      <Link
        to="/signals/$name"
        params={{ name: signal.name }}
        search={keptSearch(search)}
        preload={false}
        className={classes.row}
        data-band={reading?.band}
        title={pickText(signal.description, language)}
      >
        <span className={classes.band}>{reading && <BandMark band={reading.band} />}</span>
        <span className={classes.name}>
          <span className={classes.title}>{pickText(signal.title, language)}</span>
          <code className={classes.code}>{signal.name}</code>
        </span>
        {reading ? <Numbers signal={signal} reading={reading} /> : <Skeleton height={14} width={180} />}
      </Link>
    </li>
  );
});

function Numbers({ signal, reading }: { signal: Signal; reading: Reading }) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  return (
    <>
      <span className={classes.value} title={reading.problem ?? undefined}>
        {reading.part && <span className={classes.part}>{reading.part}</span>}
        <UnitNumber value={reading.value} unit={signal.unit} />
      </span>
      <span className={classes.line}>
        {reading.line && (
          <Sparkline values={reading.line} height={20} incompleteCount={reading.incompleteCount} />
        )}
      </span>
      <span className={classes.samples}>
        {t("samples", { count: reading.count, written: formatCount(reading.count, language) })}
      </span>
    </>
  );
}
