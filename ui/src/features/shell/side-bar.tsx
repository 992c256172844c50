import { ActionIcon, Tooltip } from "@mantine/core";
import { IconChevronsLeft, IconChevronsRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { openIncidentsQuery } from "@/api/incidents";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import { DESTINATIONS, type Destination } from "./navigation";
import classes from "./side-bar.module.css";

const SECTIONS = ["observe", "judge", "decide", "system"] as const;

interface SideBarProps {
  isNarrow: boolean;
  onToggle: () => void;
}

/** The pages, in the order of the loop; narrowed it shows icons alone. */
export function SideBar({ isNarrow, onToggle }: SideBarProps) {
  const { t } = useTranslation("shell");
  const label = isNarrow ? t("widen") : t("narrow");
  return (
    <div className={classes.bar} data-narrow={isNarrow || undefined}>
      {SECTIONS.map((section) => (
        <ul key={section} className={classes.section} aria-label={t(`section.${section}`)}>
          {DESTINATIONS.filter((destination) => destination.section === section).map((destination) => (
            <li key={destination.name}>
              <Entry destination={destination} isNarrow={isNarrow} />
            </li>
          ))}
        </ul>
      ))}
      <Tooltip label={label} position="right">
        <ActionIcon className={classes.toggle} visibleFrom="sm" aria-label={label} onClick={onToggle}>
          {isNarrow ? (
            <IconChevronsRight size={16} aria-hidden />
          ) : (
            <IconChevronsLeft size={16} aria-hidden />
          )}
        </ActionIcon>
      </Tooltip>
    </div>
  );
}

function Entry({ destination, isNarrow }: { destination: Destination; isNarrow: boolean }) {
  const { t } = useTranslation("shell");
  const search = useSearch({ strict: false });
  const Icon = destination.icon;
  const name = t(`page.${destination.name}`);
  const link = (
    <Link
      to={destination.to}
      search={keptSearch(search)}
      className={classes.entry}
      activeOptions={{ exact: destination.to === "/", includeSearch: false }}
      activeProps={{ "aria-current": "page" }}
    >
      <Icon size={18} stroke={1.6} aria-hidden />
      <span className={isNarrow ? "pw-visually-hidden" : undefined}>{name}</span>
      {destination.name === "incidents" && <OpenIncidents />}
    </Link>
  );
  return isNarrow ? (
    <Tooltip label={name} position="right">
      {link}
    </Tooltip>
  ) : (
    link
  );
}

/** How many incidents are open, and how bad the worst is; nothing while none is. */
function OpenIncidents() {
  const { t } = useTranslation("shell");
  const language = useLanguage();
  const { scope } = usePageState();
  const { data } = useQuery(openIncidentsQuery(scope));
  const count = (data?.counts.open ?? 0) + (data?.counts.acknowledged ?? 0);
  if (count === 0) return null;
  const isCritical = data?.incidents.some(({ severity }) => severity === "critical");
  return (
    <span className={classes.badge} data-severity={isCritical ? "critical" : "warning"}>
      <span aria-hidden="true">{formatCount(count, language)}</span>
      <span className="pw-visually-hidden">
        {t("openIncidents", { count, written: formatCount(count, language) })}
      </span>
    </span>
  );
}
