import { Button, TextInput } from "@mantine/core";
import { IconDatabasePlus } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Missed, type MissedReason, useMissedDataset } from "@/api/missed";
import { ErrorState } from "@/components/ui/states";
import { keptSearch, usePageState } from "@/lib/page-state";
import classes from "./missed.module.css";

interface DatasetMakerProps {
  found: Pick<Missed, "since" | "until">;
  reason: MissedReason | undefined;
  /** Ids of questions; empty for all that were found. */
  questions: readonly string[];
}

/** One click makes a dataset of missed questions and opens it; the name can be changed before. */
export function DatasetMaker({ found, reason, questions }: DatasetMakerProps) {
  const { t } = useTranslation("missed");
  const { scope } = usePageState();
  const navigate = useNavigate();
  const search = keptSearch(useSearch({ strict: false }));
  const making = useMissedDataset(scope);
  const [name, setName] = useState(() => `missed-${today()}`);
  const dataset = name.trim();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!dataset) return;
    const { since, until } = found;
    making.mutate(
      { dataset, since, until, reason, questions },
      {
        onSuccess: (made) =>
          void navigate({
            to: "/evaluations/datasets/$name",
            params: { name: made.dataset.name },
            search,
          }),
      },
    );
  };
  return (
    <form onSubmit={submit} noValidate className={classes.maker}>
      <TextInput
        aria-label={t("dataset.name")}
        title={t("dataset.hint")}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button
        type="submit"
        leftSection={<IconDatabasePlus size={14} aria-hidden />}
        disabled={!dataset}
        loading={making.isPending}
      >
        {t("dataset.make")}
      </Button>
      {making.isError && (
        <div className={classes.problem}>
          <ErrorState error={making.error} />
        </div>
      )}
    </form>
  );
}

/** The day where the reader is. */
function today(): string {
  const now = new Date();
  const parts = [now.getFullYear(), now.getMonth() + 1, now.getDate()];
  return parts.map((part) => String(part).padStart(2, "0")).join("-");
}
