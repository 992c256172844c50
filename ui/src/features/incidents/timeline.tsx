import {
  IconAlertTriangle,
  IconArrowDown,
  IconArrowUp,
  IconBell,
  IconCheck,
  IconGitCommit,
  IconMessage,
  IconRotate2,
  IconUser,
  IconUserCheck,
  type TablerIcon,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Incident, TimelineEntry } from "@/api/incidents";
import { ForeignName } from "@/components/ui/foreign-name";
import { LongText } from "@/components/ui/long-text";
import { pickText, useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatInstant, formatListTime } from "@/lib/format";
import classes from "./timeline.module.css";

const ICONS: Readonly<Record<string, TablerIcon>> = {
  opened: IconBell,
  alert_fired: IconAlertTriangle,
  alert_escalated: IconArrowUp,
  alert_eased: IconArrowDown,
  alert_resolved: IconCheck,
  acknowledged: IconUserCheck,
  assigned: IconUser,
  commented: IconMessage,
  resolved: IconCheck,
  reopened: IconRotate2,
  change: IconGitCommit,
};

/** What happened in an incident, oldest first, with the changes that were made meanwhile. */
export function Timeline({ incident }: { incident: Incident }) {
  const { t } = useTranslation("incidents");
  return (
    <ol className={classes.timeline} aria-label={t("timeline.title")}>
      {incident.timeline.map((entry) => (
        <li key={entry.id ?? `${entry.at} ${entry.text.en}`} data-kind={entry.kind}>
          <Entry entry={entry} />
        </li>
      ))}
    </ol>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const language = useLanguage();
  const Icon = ICONS[entry.kind] ?? IconBell;
  const time = (
    <time dateTime={entry.at} title={formatInstant(entry.at, language)}>
      {formatListTime(entry.at, language, new Date())}
    </time>
  );
  const text = pickText(entry.text, language);
  return (
    <>
      <Icon size={15} aria-hidden className={classes.icon} data-severity={entry.severity ?? undefined} />
      <div className={classes.entry}>
        {entry.kind === "commented" ? (
          <>
            <div className={classes.head}>
              <b>
                <ForeignName text={entry.by ?? ""} length={40} />
              </b>
              {time}
            </div>
            <LongText text={text} shown={1200} />
          </>
        ) : (
          <div className={classes.head}>
            <span className={classes.text}>
              {cutText(visibleLine(text), 400)}{" "}
              {entry.change?.link && <ChangeLink link={entry.change.link} />}
            </span>
            {time}
          </div>
        )}
      </div>
    </>
  );
}

function ChangeLink({ link }: { link: string }) {
  const { t } = useTranslation("incidents");
  return (
    <a href={link} target="_blank" rel="noreferrer noopener">
      {t("timeline.link")}
    </a>
  );
}
