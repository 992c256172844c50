import { useTranslation } from "react-i18next";
import { ChangesPanel } from "./changes-panel";
import { ErrorsPanel } from "./errors-panel";
import { IncidentsPanel } from "./incidents-panel";
import { ModelsPanel } from "./models-panel";
import classes from "./rail.module.css";
import { TopTracesPanel } from "./top-traces-panel";

/** What every panel of the rail is told. */
export interface RailPanelProps {
  /** The board's values are on their way: they come first, and the panel asks after them. */
  isHeld: boolean;
}

/** What else matters now, beside the board; each panel asks for itself, so that another one is one line here. */
export function Rail({ isHeld }: RailPanelProps) {
  const { t } = useTranslation("overview");
  return (
    <aside className={classes.rail} aria-label={t("rail.label")}>
      <IncidentsPanel />
      <ErrorsPanel isHeld={isHeld} />
      <TopTracesPanel sort="duration" isHeld={isHeld} />
      <TopTracesPanel sort="cost" isHeld={isHeld} />
      <ModelsPanel isHeld={isHeld} />
      <ChangesPanel />
    </aside>
  );
}
