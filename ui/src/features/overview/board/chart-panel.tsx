import { ActionIcon, Menu, Tooltip } from "@mantine/core";
import { IconArrowUpRight } from "@tabler/icons-react";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Chart } from "@/api/boards";
import type { Answers, Signal } from "@/api/signals";
import { Panel } from "@/components/ui/panel";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch } from "@/lib/page-state";
import type { Writing } from "../model/chart-data";
import { ChartBody } from "./chart-body";
import classes from "./chart-panel.module.css";

interface ChartPanelProps {
  chart: Chart;
  answers: Answers | undefined;
  writing: Writing;
  problems: readonly string[];
  isStale: boolean;
}

const HEIGHT = { half: 168, full: 208 } as const;

/** A chart of a board, with the way to its signals. */
export function ChartPanel({ chart, answers, writing, problems, isStale }: ChartPanelProps) {
  const language = useLanguage();
  return (
    <div className={classes.chart} data-size={chart.size}>
      <Panel
        title={pickText(chart.title, language)}
        actions={<SignalsMenu chart={chart} writing={writing} />}
      >
        {problems.map((problem) => (
          <p key={problem} className={classes.problem}>
            {problem}
          </p>
        ))}
        <ChartBody
          chart={chart}
          answers={answers}
          writing={writing}
          height={HEIGHT[chart.size]}
          isStale={isStale}
        />
      </Panel>
    </div>
  );
}

function SignalsMenu({ chart, writing }: { chart: Chart; writing: Writing }) {
  const { t } = useTranslation("overview");
  const search = keptSearch(useSearch({ strict: false }));
  const [only, ...more] = chart.signals;
  const icon = <IconArrowUpRight size={16} aria-hidden />;
  const label = t("chart.open");
  if (only && more.length === 0) {
    return (
      <Tooltip label={label}>
        <Link
          to="/signals/$name"
          params={{ name: only }}
          search={search}
          className={classes.open}
          aria-label={`${label}: ${nameOf(writing.signals.get(only), only, writing)}`}
        >
          {icon}
        </Link>
      </Tooltip>
    );
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={label}>
          <ActionIcon
            size="sm"
            c="dimmed"
            aria-label={`${label}: ${pickText(chart.title, writing.language)}`}
          >
            {icon}
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {chart.signals.map((name) => (
          <Menu.Item
            key={name}
            renderRoot={(props) => <Link to="/signals/$name" params={{ name }} search={search} {...props} />}
          >
            {nameOf(writing.signals.get(name), name, writing)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function nameOf(signal: Signal | undefined, name: string, { language }: Writing): string {
  return signal ? pickText(signal.title, language) : name;
}
