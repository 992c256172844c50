import { ActionIcon, Button, Group, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { costSummaryQuery } from "@/api/costs";
import { Page } from "@/components/ui/page";
import { QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { useSearchChange } from "@/lib/use-search-change";
import { AdvicePanel } from "./advice-panel";
import { BudgetsPanel } from "./budgets-panel";
import { MonthPanel } from "./month-panel";
import { type CostsSearch, monthAfter, readCostsSearch } from "./search";
import { SpendPanel } from "./spend-panel";

/** What the month costs, whose spend it is, what could be saved, and whether budgets hold. */
export function CostsPage() {
  const { t } = useTranslation("costs");
  const { scope } = usePageState();
  const search = readCostsSearch({ ...(useSearch({ strict: false }) as object) });
  const change = useSearchChange<CostsSearch>();
  const summary = useQuery(costSummaryQuery(scope, search.month));
  const shown = search.month ?? summary.data?.month.name;
  return (
    <Page
      title={t("title")}
      aside={shown && <MonthSteps month={shown} isPresent={!search.month} onChange={change} />}
    >
      <QueryView query={summary} height={320} skeletonRows={3}>
        {(data) => <MonthPanel summary={data} />}
      </QueryView>
      <BudgetsPanel />
      <SpendPanel search={search} month={summary.data?.month} onChange={change} />
      <AdvicePanel />
    </Page>
  );
}

interface MonthStepsProps {
  month: string;
  isPresent: boolean;
  onChange: (values: { month: string | undefined }) => void;
}

function MonthSteps({ month, isPresent, onChange }: MonthStepsProps) {
  const { t } = useTranslation("costs");
  const earlier = () => onChange({ month: monthAfter(month, -1) });
  const later = () => !isPresent && onChange({ month: monthAfter(month, 1) });
  useShortcut("<", t("month.earlier"), t("title"), earlier);
  useShortcut(">", t("month.later"), t("title"), later);
  return (
    <Group gap={4}>
      <ActionIcon aria-label={t("month.earlier")} onClick={earlier}>
        <IconChevronLeft size={16} aria-hidden />
      </ActionIcon>
      <Text size="sm" fw={600} component="span">
        {month}
      </Text>
      <ActionIcon aria-label={t("month.later")} disabled={isPresent} onClick={later}>
        <IconChevronRight size={16} aria-hidden />
      </ActionIcon>
      {!isPresent && (
        <Button variant="subtle" size="compact-xs" onClick={() => onChange({ month: undefined })}>
          {t("month.present")}
        </Button>
      )}
    </Group>
  );
}
