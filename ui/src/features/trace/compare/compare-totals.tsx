import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { TracePage } from "@/api/trace";
import { CopyButton } from "@/components/ui/copy-button";
import { Panel } from "@/components/ui/panel";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import {
  formatChange,
  formatCost,
  formatCount,
  formatDuration,
  formatInstant,
  NO_VALUE,
  relativeChange,
} from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import classes from "./compare.module.css";
import { DeltaBar, differenceOf, signed } from "./delta";

type Trace = TracePage["trace"];

/** The sums of both traces and what the right one has more. */
export function CompareTotals({ left, right }: { left: Trace; right: Trace }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const count = (value: number) => formatCount(value, language);
  const [before, after] = [left.totals, right.totals];
  const rows = [
    {
      name: t("total.duration"),
      values: [left.duration_ms, right.duration_ms],
      write: (ms: number) => formatDuration(ms, language),
    },
    { name: t("total.spans"), values: [before.span_count, after.span_count], write: count },
    { name: t("split.failed"), values: [before.error_count, after.error_count], write: count },
    { name: t("compare.inputTokens"), values: [before.input_tokens, after.input_tokens], write: count },
    { name: t("compare.outputTokens"), values: [before.output_tokens, after.output_tokens], write: count },
    {
      name: t("total.cost"),
      values: [before.cost_usd, after.cost_usd],
      write: (usd: number) => formatCost(usd, language),
    },
  ];
  return (
    <Panel isFlush>
      <div className={classes.scroll}>
        <table className={classes.totals}>
          <thead>
            <tr>
              <th scope="col">
                <span className="pw-visually-hidden">{t("compare.what")}</span>
              </th>
              <th scope="col">
                <Side trace={left} name={t("compare.left")} />
              </th>
              <th scope="col">
                <Side trace={right} name={t("compare.right")} />
              </th>
              <th scope="col" colSpan={2}>
                {t("compare.difference")}
              </th>
              <th scope="col" data-wide style={{ width: "22%" }}>
                <span className="pw-visually-hidden">{t("compare.bar")}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <TotalRow key={row.name} {...row} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

interface TotalRowProps {
  name: string;
  values: (number | null)[];
  write: (value: number) => string;
}

function TotalRow({ name, values: [left = null, right = null], write }: TotalRowProps) {
  const language = useLanguage();
  const difference = differenceOf(left, right);
  const change = relativeChange(right, left);
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{left === null ? NO_VALUE : write(left)}</td>
      <td>{right === null ? NO_VALUE : write(right)}</td>
      <td>{signed(difference, write)}</td>
      <td>{change === null || difference === 0 ? "" : formatChange(change, language)}</td>
      <td data-wide>
        <DeltaBar share={shareOf(left, right)} />
      </td>
    </tr>
  );
}

/** The difference as a share of the greater of both. */
function shareOf(left: number | null, right: number | null): number {
  const greater = Math.max(Math.abs(left ?? 0), Math.abs(right ?? 0));
  return greater === 0 ? 0 : (differenceOf(left, right) ?? 0) / greater;
}

function Side({ trace, name }: { trace: Trace; name: string }) {
  const { t } = useTranslation("trace");
  const language = useLanguage();
  const search = useSearch({ strict: false });
  const title = cutText(visibleLine(trace.name ?? ""), 60) || trace.trace_id.slice(0, 8);
  return (
    <span className={classes.side}>
      {name}
      <Link
        to="/traces/$traceId"
        params={{ traceId: trace.trace_id }}
        search={keptSearch(search)}
        title={trace.trace_id}
      >
        {title}
      </Link>
      <span data-wide>{formatInstant(trace.started_at, language)}</span>
      <CopyButton value={trace.trace_id} what={t("fact.traceId")} />
    </span>
  );
}
