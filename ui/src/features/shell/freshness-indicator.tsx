import { Popover, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { Freshness, LiveStatus } from "@/api/live";
import { useLanguage } from "@/i18n";
import {
  formatAge,
  formatClock,
  formatCount,
  formatDuration,
  formatInstant,
  formatPercent,
  NO_VALUE,
} from "@/lib/format";
import { useFreshness, useLiveStatus } from "@/lib/live";
import { usePageState } from "@/lib/page-state";
import { useNow } from "@/lib/use-now";
import classes from "./freshness-indicator.module.css";

const LAGGING_SECONDS = 30;

/** Always visible: up to when the data is complete, how far it lags, and whether the server still speaks. */
export function FreshnessIndicator() {
  const { t } = useTranslation("shell");
  const status = useLiveStatus();
  const freshness = useFreshness();
  const { isLive } = usePageState();
  const state = stateOf(status, freshness, isLive);
  return (
    <Popover position="bottom" shadow="md">
      <Popover.Target>
        <UnstyledButton className={classes.indicator} data-state={state}>
          <span className={classes.dot} aria-hidden="true" />
          <span className="pw-visually-hidden">{t("freshness.label")}</span>
          {/* Only the state is announced: the times beside it change every few seconds. */}
          <span role="status">{t(`freshness.${state}`)}</span>
          {freshness && <InBrief freshness={freshness} />}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        {freshness ? <Details freshness={freshness} /> : t("freshness.unknown")}
      </Popover.Dropdown>
    </Popover>
  );
}

/** The watermark and the lag; that something was lost only where it was. */
function InBrief({ freshness }: { freshness: Freshness }) {
  const { t } = useTranslation("shell");
  const language = useLanguage();
  const { watermark, lag_seconds, completeness } = freshness;
  const parts = [
    t("freshness.until", { time: formatClock(watermark, language) }),
    t("freshness.behind", { lag: formatDuration(lag_seconds * 1000, language) }),
    completeness !== null && completeness < 1
      ? t("freshness.stored", { share: formatPercent(completeness, language) })
      : null,
  ];
  return <span className={classes.detail}> · {parts.filter(Boolean).join(" · ")}</span>;
}

type State = "live" | "paused" | "lagging" | "connecting" | "lost";

function stateOf(status: LiveStatus, freshness: Freshness | null, isLive: boolean): State {
  if (status !== "open") return status;
  if ((freshness?.lag_seconds ?? 0) > LAGGING_SECONDS) return "lagging";
  return isLive ? "live" : "paused";
}

function Details({ freshness }: { freshness: Freshness }) {
  const { t } = useTranslation("shell");
  const language = useLanguage();
  const now = useNow(1000);
  const { lag_seconds, completeness, pending_records, last_received_at } = freshness;
  const rows = [
    [t("freshness.watermark"), formatInstant(freshness.watermark, language)],
    [t("freshness.lag"), formatDuration(lag_seconds * 1000, language)],
    [t("freshness.completeness"), completeness === null ? NO_VALUE : formatPercent(completeness, language)],
    [t("freshness.pending"), formatCount(pending_records, language)],
    [
      t("freshness.received"),
      last_received_at ? formatAge(last_received_at, language, now) : t("freshness.never"),
    ],
  ];
  return (
    <dl className={classes.details}>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
