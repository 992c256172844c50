import { Checkbox } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Amount, type FieldsProps } from "./fields";
import classes from "./new-run.module.css";

const MOST_REPEATS = 100;

/** Which cases, how often, and what it may take. */
export function HowMuchFields({ draft, onChange, errors }: FieldsProps) {
  const { t } = useTranslation("evals");
  const noLimit = t("newRun.unlimited");
  return (
    <>
      <div className={classes.grid}>
        <Amount
          label={t("newRun.limit")}
          description={draft.seed === null ? t("newRun.firstOnes") : t("newRun.drawnOnes")}
          placeholder={t("newRun.all")}
          isWhole
          error={errors.at("limit")}
          value={draft.limit}
          onChange={(limit) => onChange({ limit })}
        />
        <Amount
          label={t("newRun.seed")}
          description={t("newRun.seedHint")}
          placeholder={t("newRun.noSeed")}
          least={Number.MIN_SAFE_INTEGER}
          isWhole
          error={errors.at("seed")}
          value={draft.seed}
          onChange={(seed) => onChange({ seed })}
        />
        <Amount
          label={t("newRun.repeats")}
          description={t("newRun.repeatsHint")}
          placeholder="1"
          most={MOST_REPEATS}
          isWhole
          error={errors.at("repeats")}
          value={draft.repeats}
          onChange={(repeats) => onChange({ repeats })}
        />
      </div>
      <div className={classes.grid}>
        <Amount
          label={t("newRun.maxCalls")}
          placeholder={noLimit}
          isWhole
          error={errors.at("budget.max_calls")}
          value={draft.maxCalls}
          onChange={(maxCalls) => onChange({ maxCalls })}
        />
        <Amount
          label={t("newRun.maxCost")}
          placeholder={noLimit}
          error={errors.at("budget.max_cost_usd")}
          value={draft.maxCost}
          onChange={(maxCost) => onChange({ maxCost })}
        />
        <Amount
          label={t("newRun.maxMinutes")}
          placeholder={noLimit}
          error={errors.at("budget.max_minutes")}
          value={draft.maxMinutes}
          onChange={(maxMinutes) => onChange({ maxMinutes })}
        />
      </div>
      <Checkbox
        size="xs"
        label={t("newRun.fresh")}
        description={t("newRun.freshHint")}
        checked={draft.isFresh}
        onChange={(event) => onChange({ isFresh: event.currentTarget.checked })}
      />
    </>
  );
}
