import { Button, UnstyledButton } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { MissedQuestion } from "@/api/missed";
import { CountBars } from "@/components/charts/count-bars";
import { Age } from "@/components/ui/age";
import { ForeignName } from "@/components/ui/foreign-name";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import classes from "./missed.module.css";
import { ReasonMarks } from "./reason-marks";

const SHOWN_AT_FIRST = 50;

interface MissedTableProps {
  questions: readonly MissedQuestion[];
  /** Id of the one that is open. */
  opened: string | undefined;
  onOpen: (id: string) => void;
}

/** Questions that ask nearly the same in one row, the most frequent first. */
export function MissedTable({ questions, opened, onOpen }: MissedTableProps) {
  const { t } = useTranslation("missed");
  const [showsAll, setShowsAll] = useState(false);
  const columns = useColumns(onOpen);
  const shown = showsAll ? questions : questions.slice(0, SHOWN_AT_FIRST);
  const place = shown.findIndex(({ id }) => id === opened);
  return (
    <>
      <Table
        label={t("title")}
        columns={columns}
        rows={shown}
        keyOf={({ id }) => id}
        active={place < 0 ? null : place}
      />
      {shown.length < questions.length && (
        <Button variant="subtle" fullWidth onClick={() => setShowsAll(true)}>
          {t("table.all", { count: questions.length })}
        </Button>
      )}
    </>
  );
}

function useColumns(onOpen: (id: string) => void): TableColumn<MissedQuestion>[] {
  const { t } = useTranslation("missed");
  const language = useLanguage();
  return [
    {
      ...{ name: "question", title: t("table.question"), isMain: true },
      cell: ({ id, question, wordings }) => (
        <span className={classes.question}>
          <UnstyledButton className={classes.open} onClick={() => onOpen(id)}>
            <ForeignName text={question} length={160} />
          </UnstyledButton>
          {wordings > 1 && <small>{t("table.wordings", { count: wordings })}</small>}
        </span>
      ),
    },
    {
      ...{ name: "reasons", title: t("table.reasons") },
      cell: ({ reasons, count }) => <ReasonMarks counts={reasons} total={count} />,
    },
    {
      ...{ name: "count", title: t("course.requests"), isNumber: true, isLabelled: true },
      cell: ({ count }) => formatCount(count, language),
    },
    {
      ...{ name: "course", title: t("table.course"), isWide: true, width: 140 },
      cell: ({ course }) => <CountBars counts={course} />,
    },
    {
      ...{ name: "last", title: t("table.last"), isLine: true },
      cell: ({ last_at }) => <Age at={last_at} />,
    },
  ];
}
