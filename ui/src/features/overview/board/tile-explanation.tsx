import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Tile } from "@/api/boards";
import { explanationQuery, type FailedQuestion, type Signal } from "@/api/signals";
import { BandMark } from "@/components/ui/band-mark";
import { pickText, useLanguage } from "@/i18n";
import { formatClock, formatCount, formatSpan, formatValue } from "@/lib/format";
import { type PageQuestion, tileQuestion } from "../model/questions";
import type { TileData } from "../model/tile-data";
import classes from "./tile-explanation.module.css";

interface TileExplanationProps {
  tile: Tile;
  signal: Signal | undefined;
  data: TileData | FailedQuestion | null;
  page: PageQuestion;
  problem?: string | undefined;
}

/** What a number means, over which time, on how much it rests and how fresh it is. */
export function TileExplanation({ tile, signal, data, page, problem }: TileExplanationProps) {
  const language = useLanguage();
  const isKnown = data !== null && !("error" in data);
  return (
    <div className={classes.explanation}>
      {signal && <p className={classes.definition}>{pickText(signal.description, language)}</p>}
      {signal && <Definition signal={signal} where={tile.where} />}
      {problem && <p>{problem}</p>}
      {data && "error" in data && (
        <p>
          {data.error.detail} {data.error.hint}
        </p>
      )}
      {isKnown && <Facts data={data} signal={signal} />}
      {isKnown && data.band === "no_data" && <NoData tile={tile} page={page} />}
    </div>
  );
}

function Definition({ signal, where }: { signal: Signal; where: string | null }) {
  return (
    <code className={classes.code}>
      {signal.value}
      {signal.over && `\n${signal.over}`}
      {where && `\n${where}`}
    </code>
  );
}

function Facts({ data, signal }: { data: TileData; signal: Signal | undefined }) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const isComplete = Date.parse(data.until) <= Date.parse(data.watermark);
  const limits = [signal?.bands.warning, signal?.bands.critical];
  const watermark = formatClock(data.watermark, language);
  const rows = [
    [t("explain.window"), formatSpan(data.since, data.until, language)],
    [t("explain.count"), formatCount(data.count, language)],
    [t("explain.previous"), formatValue(data.previous, data.unit, language)],
    [
      t("explain.freshness"),
      isComplete ? t("explain.complete") : t("explain.incomplete", { time: watermark }),
    ],
  ] as const;
  return (
    <dl className={classes.facts}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      {limits.some(Boolean) && (
        <div>
          <dt>{t("explain.bands")}</dt>
          <dd className={classes.bands}>
            {limits[0] && <Limit band="warning" limit={limits[0]} unit={data.unit} />}
            {limits[1] && <Limit band="critical" limit={limits[1]} unit={data.unit} />}
          </dd>
        </div>
      )}
    </dl>
  );
}

function Limit({ band, limit, unit }: { band: "warning" | "critical"; limit: string; unit: string }) {
  const language = useLanguage();
  const [sign = "", value = ""] = limit.trim().split(/\s+/);
  const written = Number.isFinite(Number(value)) ? formatValue(Number(value), unit, language) : value;
  return (
    <span>
      <BandMark band={band} /> {sign} {written}
    </span>
  );
}

/** Asked for only when somebody wants to know. */
function NoData({ tile, page }: { tile: Tile; page: PageQuestion }) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const { data, isError } = useQuery(explanationQuery(page.scope, tileQuestion(tile, "value", page)));
  if (isError) return null;
  const reason = data?.no_data;
  return (
    <div className={classes.reason} role="status">
      <BandMark band="no_data" withWord />
      <p>{reason ? pickText({ ...reason.text }, language) : data ? null : t("explain.asking")}</p>
      {reason && reason.needs.length > 0 && (
        <ul>
          {reason.needs.map(({ what, seen }) => (
            <li key={what.en} data-seen={seen}>
              {pickText({ ...what }, language)}
              <span className={classes.seen}>{seen ? t("explain.seen") : t("explain.notSeen")}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
