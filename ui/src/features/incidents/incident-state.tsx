import { IconCircle, IconCircleCheck, IconUserCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { IncidentState } from "@/api/incidents";
import classes from "./incidents.module.css";

const ICONS = { open: IconCircle, acknowledged: IconUserCheck, resolved: IconCircleCheck } as const;

/** Where an incident stands, as a shape and a word. */
export function IncidentStateMark({ state }: { state: IncidentState }) {
  const { t } = useTranslation("incidents");
  const Icon = ICONS[state];
  return (
    <span className={classes.state} data-state={state}>
      <Icon size={14} aria-hidden />
      {t(`state.${state}`)}
    </span>
  );
}
