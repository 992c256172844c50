import { useTranslation } from "react-i18next";
import { ChangesPanel } from "./changes-panel";
import { ErrorsPanel } from "./errors-panel";
import { ModelsPanel } from "./models-panel";
import classes from "./rail.module.css";
import { TopTracesPanel } from "./top-traces-panel";

/** What else matters now, beside the board; each panel asks for itself, so that another one is one line here. */
export function Rail() {
  const { t } = useTranslation("overview");
  return (
    <aside className={classes.rail} aria-label={t("rail.label")}>
      <ErrorsPanel />
      <TopTracesPanel sort="duration" />
      <TopTracesPanel sort="cost" />
      <ModelsPanel />
      <ChangesPanel />
    </aside>
  );
}
