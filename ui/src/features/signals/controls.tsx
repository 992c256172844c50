import { Chip, Group, SegmentedControl, Select, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { usePageState } from "@/lib/page-state";
import { lengthOf, parseLength, stepFor } from "@/lib/time-range";
import classes from "./explorer.module.css";
import { VIEWS, type View } from "./search";
import type { Explorer } from "./use-explorer";
import { WhereInput } from "./where-input";

const STEPS = ["1m", "5m", "15m", "30m", "1h", "3h", "6h", "24h", "7d"];
const MOST_WINDOWS = 1500;

/** How the signal is split, compared, narrowed and drawn. */
export function Controls({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const { signal, search, change, view } = explorer;
  const by = search.by?.filter((label) => signal.by.includes(label)) ?? [];
  return (
    <div className={classes.controls}>
      <div className={classes.split} role="group" aria-label={t("controls.by")}>
        <span aria-hidden="true">{t("controls.by")}</span>
        <Chip.Group
          multiple
          value={by}
          onChange={(labels) =>
            change({ by: labels.length ? labels : undefined, series: undefined, of: undefined })
          }
        >
          <Group gap={4}>
            {signal.by.map((label) => (
              <Chip key={label} value={label} size="xs" variant="outline">
                {label}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
      </div>
      <div className={classes.choices}>
        <WhereInput explorer={explorer} />
        <StepSelect explorer={explorer} />
        <Switch
          size="xs"
          label={t("controls.compare")}
          checked={search.compare === true}
          onChange={({ currentTarget }) => change({ compare: currentTarget.checked || undefined })}
        />
        <SegmentedControl
          size="xs"
          aria-label={t("controls.view")}
          value={view}
          data={VIEWS.map((value) => ({ value, label: t(`view.${value}`) }))}
          onChange={(value) => change({ view: value as View })}
        />
      </div>
    </div>
  );
}

function StepSelect({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const { range } = usePageState();
  const { search, change } = explorer;
  const length = lengthOf(range);
  const fitting = STEPS.filter((step) => {
    const seconds = parseLength(step) ?? 0;
    return seconds <= Math.max(length, 60) && length / seconds <= MOST_WINDOWS;
  });
  const steps = search.step && !fitting.includes(search.step) ? [search.step, ...fitting] : fitting;
  return (
    <Select
      w={172}
      aria-label={t("controls.step")}
      value={search.step ?? "auto"}
      data={[
        { value: "auto", label: t("controls.stepAuto", { step: stepFor(range) }) },
        ...steps.map((value) => ({ value, label: t("controls.stepOf", { step: value }) })),
      ]}
      allowDeselect={false}
      onChange={(step) => change({ step: step === "auto" || !step ? undefined : step, at: undefined })}
    />
  );
}
