import { useTranslation } from "react-i18next";
import type { Change } from "@/api/changes";
import { useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatListTime } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { lengthOf } from "@/lib/time-range";
import { changeText, useChanges } from "../board/use-board-data";
import classes from "./rail.module.css";
import { RailList } from "./rail-list";

const SHOWN = 6;
const DAY_SECONDS = 86_400;

/** What appeared for the first time: versions, models, prompts, services, environments. */
export function ChangesPanel() {
  const { t } = useTranslation("overview");
  const { range } = usePageState();
  const changes = useChanges();
  const isWider = range.kind === "last" && lengthOf(range) < DAY_SECONDS;
  return (
    <RailList
      title={t("rail.changes")}
      {...(isWider ? { note: t("rail.lastDay") } : {})}
      query={{ ...changes, data: changes.data?.slice(0, SHOWN) } as typeof changes}
      nothing={t("rail.noChanges")}
      keyOf={(change) =>
        `${change.at} ${change.kind} ${change.subject} ${change.after} ${change.environment}`
      }
      row={(change) => <ChangeRow change={change} />}
    />
  );
}

function ChangeRow({ change }: { change: Change }) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const text = visibleLine(changeText(change, (kind, values) => t(`change.${kind}`, values)));
  const place = [change.service, change.environment].filter((part) => part && part !== change.subject);
  return (
    <div className={classes.row}>
      <span className={classes.main} title={text}>
        {text}
      </span>
      <span className={classes.aside} style={{ gridRow: 1 }}>
        {formatListTime(change.at, language, new Date())}
      </span>
      {place.length > 0 && (
        <span className={classes.detail}>{place.map(String).map(visibleLine).join(" · ")}</span>
      )}
    </div>
  );
}
