import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Budget, type BudgetPeriod, type BudgetTerms, PERIODS, useSaveBudget } from "@/api/costs";
import { ErrorState } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";

const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const SUBJECTS = ["service", "user", "model", "environment"] as const;
type Draft = Record<"name" | "amount" | (typeof SUBJECTS)[number], string> & { period: BudgetPeriod };

interface BudgetFormProps {
  /** Null for a new one. */
  budget: Budget | null;
  taken: readonly string[];
  onClose: () => void;
}

/** Adds a budget, or changes the terms of one. */
export function BudgetForm({ budget, taken, onClose }: BudgetFormProps) {
  const { t } = useTranslation("costs");
  const { scope } = usePageState();
  const saving = useSaveBudget(scope);
  const [draft, setDraft] = useState(() => draftOf(budget));
  const [isTried, setTried] = useState(false);
  const set = (values: Partial<Draft>) => setDraft({ ...draft, ...values });
  const isTaken = budget === null && taken.includes(draft.name);
  const isNamed = NAME.test(draft.name) && !isTaken;
  const isPriced = /^\d+(\.\d+)?$/.test(draft.amount.trim()) && Number(draft.amount) > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!isNamed || !isPriced) return;
    saving.mutate({ name: draft.name, terms: termsOf(draft) }, { onSuccess: onClose });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title={budget ? t("budget.edit", { name: budget.name }) : t("budget.add")}
      closeButtonProps={{ "aria-label": t("form.close") }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <TextInput
            label={t("budget.name")}
            description={t("form.nameHint")}
            disabled={budget !== null}
            value={draft.name}
            error={isTaken ? t("form.taken") : isTried && !isNamed && t("form.badName")}
            onChange={(event) => set({ name: event.currentTarget.value })}
          />
          <TextInput
            label={t("form.amount")}
            inputMode="decimal"
            value={draft.amount}
            error={isTried && !isPriced && t("form.badAmount")}
            onChange={(event) => set({ amount: event.currentTarget.value })}
          />
          <Select
            label={t("budget.period")}
            allowDeselect={false}
            data={PERIODS.map((value) => ({ value, label: t(`period.${value}`) }))}
            value={draft.period}
            onChange={(period) => period && set({ period: period as BudgetPeriod })}
          />
          {SUBJECTS.map((subject) => (
            <TextInput
              key={subject}
              label={t(`subject.${subject}`)}
              placeholder={t("form.any")}
              value={draft[subject]}
              onChange={(event) => set({ [subject]: event.currentTarget.value })}
            />
          ))}
          {saving.isError && <ErrorState error={saving.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("form.cancel")}
            </Button>
            <Button type="submit" loading={saving.isPending}>
              {t("form.save")}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function draftOf(budget: Budget | null): Draft {
  return {
    name: budget?.name ?? "",
    amount: budget?.amount_usd ?? "",
    period: budget?.period ?? "month",
    service: budget?.service ?? "",
    user: budget?.user ?? "",
    model: budget?.model ?? "",
    environment: budget?.environment ?? "",
  };
}

function termsOf(draft: Draft): BudgetTerms {
  const subjects = Object.fromEntries(SUBJECTS.map((subject) => [subject, draft[subject].trim() || null]));
  return { amount_usd: draft.amount.trim(), period: draft.period, ...subjects };
}
