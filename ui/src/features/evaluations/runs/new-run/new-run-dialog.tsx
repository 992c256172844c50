import { Button, Group, Modal, Stack } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, type RefObject, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type RunRequest, runPlanQuery, useStartRun } from "@/api/eval-runs";
import { ErrorState } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { keptSearch, usePageState } from "@/lib/page-state";
import { Estimate } from "./estimate";
import { MoreChoices } from "./more-choices";
import classes from "./new-run.module.css";
import { EMPTY_DRAFT, isWhole, planRequestOf, type RunDraft, requestOf } from "./run-draft";
import { runErrors } from "./run-errors";
import { WhatFields } from "./what-fields";

const TYPING_MS = 400;

interface NewRunDialogProps {
  dataset: string | undefined;
  onClose: () => void;
}

/** Starts a run on the server and opens it; says before what it will take. */
export function NewRunDialog({ dataset, onClose }: NewRunDialogProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const [draft, setDraft] = useState<RunDraft>({ ...EMPTY_DRAFT, dataset: dataset ?? "" });
  const form = useRef<HTMLFormElement>(null);
  const { starting, start } = useStarting(form);
  const plan = usePlan(draft);
  const errors = runErrors([plan.error, starting.error], language);
  const fields = {
    draft,
    errors,
    onChange: (values: Partial<RunDraft>) => {
      starting.reset();
      setDraft((known) => ({ ...known, ...values }));
    },
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole(draft)) start(requestOf(draft, plan.isPlaceholderData ? undefined : plan.data?.plan.metrics));
  };
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={t("newRun.title")}
      closeButtonProps={{ "aria-label": t("close") }}
    >
      <form ref={form} onSubmit={submit} noValidate>
        <Stack gap="sm">
          <WhatFields {...fields} />
          <MoreChoices planned={plan.data?.plan.metrics} {...fields} />
        </Stack>
        <div className={classes.foot}>
          {errors.rest && <ErrorState error={errors.rest} />}
          <Estimate draft={draft} plan={plan} />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t("cancelWord")}
            </Button>
            <Button type="submit" disabled={!isWhole(draft)} loading={starting.isPending}>
              {t("newRun.start")}
            </Button>
          </Group>
        </div>
      </form>
    </Modal>
  );
}

/** The plan of what is filled in, asked for once somebody stops typing. */
function usePlan(draft: RunDraft) {
  const { scope } = usePageState();
  const written = isWhole(draft) ? JSON.stringify(planRequestOf(draft)) : "";
  const [settled] = useDebouncedValue(written, TYPING_MS);
  return useQuery(runPlanQuery(scope, settled ? (JSON.parse(settled) as RunRequest) : null));
}

/** Begins a run and opens it; what is refused is shown at its field, and the first of them gets the focus. */
function useStarting(form: RefObject<HTMLFormElement | null>) {
  const { scope } = usePageState();
  const navigate = useNavigate();
  const search = keptSearch(useSearch({ strict: false }));
  const starting = useStartRun(scope);
  const start = (request: RunRequest) =>
    starting.mutate(request, {
      onSuccess: ({ id }) => void navigate({ to: "/evaluations/runs/$runId", params: { runId: id }, search }),
      onError: () =>
        setTimeout(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus()),
    });
  return { starting, start };
}
