import { Switch, UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { type OnlineRule, useSwitchOnlineRule } from "@/api/online-rules";
import { Age } from "@/components/ui/age";
import { ForeignName } from "@/components/ui/foreign-name";
import { ErrorState } from "@/components/ui/states";
import { Table, type TableColumn } from "@/components/ui/table";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatPercent, NO_VALUE } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import classes from "./online.module.css";
import { Budget, RuleScope, Today } from "./rule-parts";

interface OnlineTableProps {
  rules: readonly OnlineRule[];
  /** Name of the one that is open. */
  opened: string | undefined;
  onOpen: (name: string) => void;
}

/** Rules by name, each with how its day goes. */
export function OnlineTable({ rules, opened, onOpen }: OnlineTableProps) {
  const { t } = useTranslation("online");
  const { scope } = usePageState();
  const switching = useSwitchOnlineRule(scope);
  const columns = useColumns(
    onOpen,
    (name, isEnabled) => switching.mutate({ name, isEnabled }),
    switching.isPending,
  );
  const place = rules.findIndex(({ name }) => name === opened);
  return (
    <>
      {switching.isError && <ErrorState error={switching.error} />}
      <Table
        label={t("title")}
        columns={columns}
        rows={rules}
        keyOf={({ name }) => name}
        active={place < 0 ? null : place}
      />
    </>
  );
}

function useColumns(
  onOpen: (name: string) => void,
  onSwitch: (name: string, isEnabled: boolean) => void,
  isSwitching: boolean,
): TableColumn<OnlineRule>[] {
  const { t } = useTranslation("online");
  const language = useLanguage();
  return [
    {
      ...{ name: "on", title: t("column.on"), isLine: true, width: 56 },
      cell: ({ name, enabled }) => (
        <Switch
          size="xs"
          aria-label={t("switch", { name })}
          checked={enabled}
          disabled={isSwitching}
          onChange={(event) => onSwitch(name, event.currentTarget.checked)}
        />
      ),
    },
    {
      ...{ name: "rule", title: t("column.rule"), isMain: true },
      cell: (rule) => <What rule={rule} onOpen={onOpen} />,
    },
    {
      ...{ name: "sample", title: t("column.sample"), isNumber: true, isLabelled: true },
      cell: ({ sample_rate }) => formatPercent(sample_rate, language),
    },
    { name: "today", title: t("column.today"), cell: (rule) => <Today rule={rule} /> },
    { name: "budget", title: t("column.budget"), width: 200, cell: (rule) => <Budget rule={rule} /> },
    {
      ...{ name: "last", title: t("column.last"), isLine: true, isWide: true },
      cell: ({ today }) => (today.last_scored_at ? <Age at={today.last_scored_at} /> : NO_VALUE),
    },
    {
      ...{ name: "origin", title: t("column.origin"), isWide: true },
      cell: ({ pack, updated_by }) =>
        pack === null ? <ForeignName text={updated_by} length={24} /> : t("origin.pack", { pack }),
    },
  ];
}

function What({ rule, onOpen }: { rule: OnlineRule; onOpen: (name: string) => void }) {
  return (
    <span className={classes.what}>
      <UnstyledButton className={classes.open} onClick={() => onOpen(rule.name)}>
        <ForeignName text={rule.name} length={60} />
      </UnstyledButton>
      <RuleScope rule={rule} />
      {rule.error && <span className={classes.problem}>{cutText(visibleLine(rule.error), 240)}</span>}
    </span>
  );
}
