import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { dimensionsQuery } from "@/api/dimensions";
import { projectsQuery } from "@/api/projects";
import { usePageState } from "@/lib/page-state";
import classes from "./scope-picker.module.css";

/** Which project, environment and service the page is about. */
export function ScopePicker() {
  const { t } = useTranslation("shell");
  const { scope, setScope } = usePageState();
  const projects = useQuery(projectsQuery());
  const dimensions = useQuery(dimensionsQuery(scope));
  const names = (projects.data ?? []).map((project) => project.id).filter((id) => !id.startsWith("_"));
  const current = scope.project ?? "default";
  return (
    <div className={classes.picker}>
      {(names.length > 1 || scope.project) && (
        <Picker
          label={t("scope.project")}
          values={withChosen(names, current)}
          value={current}
          onChange={(project) => setScope({ project: project === "default" ? null : project })}
        />
      )}
      <Picker
        label={t("scope.environment")}
        placeholder={t("scope.allEnvironments")}
        values={withChosen(dimensions.data?.environments ?? [], scope.environment)}
        value={scope.environment ?? null}
        onChange={(environment) => setScope({ environment })}
      />
      <Picker
        label={t("scope.service")}
        placeholder={t("scope.allServices")}
        values={withChosen(dimensions.data?.services ?? [], scope.service)}
        value={scope.service ?? null}
        onChange={(service) => setScope({ service })}
      />
    </div>
  );
}

/** What the URL names is offered too, whether or not it was seen lately. */
function withChosen(values: readonly string[], chosen: string | undefined): string[] {
  return chosen && !values.includes(chosen) ? [chosen, ...values] : [...values];
}

interface PickerProps {
  label: string;
  placeholder?: string;
  values: string[];
  value: string | null;
  onChange: (value: string | null) => void;
}

function Picker({ label, placeholder, values, value, onChange }: PickerProps) {
  return (
    <Select
      aria-label={label}
      placeholder={placeholder ?? label}
      data={values}
      value={value}
      onChange={onChange}
      searchable={values.length > 8}
      clearable={placeholder !== undefined}
      className={classes.select}
      comboboxProps={{ width: "max-content", position: "bottom-start" }}
      maxDropdownHeight={320}
    />
  );
}
