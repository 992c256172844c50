import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { DatasetVersion } from "@/api/datasets";
import { CopyableId } from "@/components/ui/copy-button";
import { Fact, Facts, FactsHead, Totals } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { useLanguage } from "@/i18n";
import { formatCount, formatInstant, formatNumber } from "@/lib/format";
import { keptSearch } from "@/lib/page-state";
import { useMetricNames } from "../use-metric-names";
import { FieldCounts, VersionLabel } from "./dataset-parts";

/** What a version holds, when its cases pass, and where it comes from. */
export function DatasetHead({ version }: { version: DatasetVersion }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  const thresholds = Object.entries(version.thresholds);
  return (
    <FactsHead>
      <Totals>
        <Fact name={t("column.version")}>
          <VersionLabel version={version} />
        </Fact>
        <Fact name={t("column.examples")}>{formatCount(version.example_count, language)}</Fact>
      </Totals>
      <Facts>
        <Fact name={t("column.fields")}>
          <FieldCounts version={version} />
        </Fact>
      </Facts>
      {thresholds.length > 0 && (
        <Facts>
          <Fact name={t("dataset.thresholds")}>
            {thresholds
              .map(([metric, value]) => `${titleOf(metric)} ${formatNumber(value, language)}`)
              .join(" · ")}
          </Fact>
        </Facts>
      )}
      <Facts>
        <Source version={version} />
        <Fact name={t("column.changed")}>{formatInstant(version.created_at, language)}</Fact>
        <Fact name={t("column.by")}>
          <ForeignName text={version.created_by} />
        </Fact>
        <Fact name={t("dataset.hash")}>
          <CopyableId value={version.content_hash} what={t("dataset.hash")} />
        </Fact>
      </Facts>
    </FactsHead>
  );
}

/** Where the examples come from, with the way back to the traces. */
function Source({ version: { source } }: { version: DatasetVersion }) {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  if (source.kind === "traces")
    return (
      <Fact name={t("dataset.source")}>
        <Link to="/traces" search={{ ...search, ...tracesSearch(source) }}>
          {t("dataset.fromTraces")}
        </Link>
        <code className="pw-mono pw-foreign">{textsOf(source.filters).join(", ")}</code>
      </Fact>
    );
  if (source.kind === "incident" && typeof source.incident_id === "string")
    return (
      <Fact name={t("dataset.source")}>
        <Link to="/incidents/$incidentId" params={{ incidentId: source.incident_id }} search={search}>
          {t("dataset.fromIncident", { number: String(source.number) })}
        </Link>
      </Fact>
    );
  const file = typeof source.file === "string" ? source.file : null;
  return (
    <Fact name={t("dataset.source")}>{file ? <ForeignName text={file} /> : t("dataset.unknownSource")}</Fact>
  );
}

function tracesSearch(source: DatasetVersion["source"]) {
  const filter = textsOf(source.filters);
  const { text, since, until } = source;
  const isAbsolute = typeof since === "string" && typeof until === "string" && !since.startsWith("now");
  return {
    ...(filter.length > 0 ? { filter } : {}),
    ...(typeof text === "string" && text ? { q: text } : {}),
    ...(isAbsolute ? { since, until } : { range: "7d" }),
  };
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}
