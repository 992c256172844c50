import { Button } from "@mantine/core";
import { IconAlertTriangle, IconCoin, IconHourglassHigh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { costLimitQuery, type ListQuestion, slowLimitQuery } from "@/api/traces";
import { useLanguage } from "@/i18n";
import { formatCost, formatDuration } from "@/lib/format";
import { usePageState } from "@/lib/page-state";
import { LimitMenu } from "./limit-menu";

const FAILED = "status:eq:error";
const DURATIONS_MS = [1000, 5000, 10_000, 30_000];
const COSTS_USD = [0.001, 0.01, 0.05];

interface QuickFiltersProps {
  question: ListQuestion;
  filters: readonly string[];
  onFilters: (filters: readonly string[]) => void;
}

/** What people look for most: what failed, what was slow, what was expensive. */
export function QuickFilters({ question, filters, onFilters }: QuickFiltersProps) {
  const { t } = useTranslation("traces");
  const isFailed = filters.includes(FAILED);
  const toggle = () => onFilters(isFailed ? filters.filter((text) => text !== FAILED) : [...filters, FAILED]);
  return (
    <>
      <Button
        variant={isFailed ? "light" : "default"}
        size="compact-sm"
        leftSection={<IconAlertTriangle size={14} aria-hidden />}
        aria-pressed={isFailed}
        onClick={toggle}
      >
        {t("quick.failed")}
      </Button>
      <SlowMenu filters={filters} onFilters={onFilters} />
      <CostMenu question={question} filters={filters} onFilters={onFilters} />
    </>
  );
}

interface MenuProps {
  filters: readonly string[];
  onFilters: (filters: readonly string[]) => void;
}

function SlowMenu({ filters, onFilters }: MenuProps) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const { scope, range } = usePageState();
  const { data, isFetching } = useQuery({ ...slowLimitQuery(scope, range), enabled: isOpen });
  const amountOf = (value: number) => ({ amount: formatDuration(value, language) });
  return (
    <LimitMenu
      icon={<IconHourglassHigh size={14} aria-hidden />}
      name={t("quick.slow")}
      column="duration_ms"
      limits={DURATIONS_MS.map((value) => ({ value, label: t("quick.atLeast", amountOf(value)) }))}
      suggested={data === undefined || data === null ? null : Math.round(data)}
      suggestedLabel={(value) => t("quick.p95", amountOf(value))}
      isAsking={isFetching}
      isOpen={isOpen}
      onToggle={setOpen}
      filters={filters}
      onFilters={onFilters}
    />
  );
}

function CostMenu({ question, filters, onFilters }: MenuProps & { question: ListQuestion }) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  const [isOpen, setOpen] = useState(false);
  const { level: _level, sort: _sort, ...asked } = question;
  const others = asked.filters.filter((text) => !text.startsWith("cost_usd:"));
  const { data, isFetching } = useQuery({
    ...costLimitQuery({ ...asked, filters: others }),
    enabled: isOpen,
  });
  const amountOf = (value: number) => ({ amount: formatCost(value, language) });
  return (
    <LimitMenu
      icon={<IconCoin size={14} aria-hidden />}
      name={t("quick.expensive")}
      column="cost_usd"
      limits={COSTS_USD.map((value) => ({ value, label: t("quick.atLeast", amountOf(value)) }))}
      suggested={data ?? null}
      suggestedLabel={(value) => t("quick.costliest", amountOf(value))}
      isAsking={isFetching}
      isOpen={isOpen}
      onToggle={setOpen}
      filters={filters}
      onFilters={onFilters}
    />
  );
}
