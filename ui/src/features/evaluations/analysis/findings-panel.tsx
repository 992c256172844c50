import { useTranslation } from "react-i18next";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCount, formatPercent, formatScore, formatScoreDifference } from "@/lib/format";
import { useFactNames } from "../use-fact-names";
import { useMetricNames } from "../use-metric-names";
import classes from "./analysis.module.css";
import { CaseLink, ChapterLink, FailingLink } from "./links";
import { type Cluster, type Finding, isOfRetrieval, metricsOf, type Parts, type Slice } from "./parts";

const MOST_SLICES = 3;
const MOST_CLUSTERS = 2;

interface FindingsProps {
  runId: string;
  parts: Parts;
}

/** What to look at, each with the numbers it was said of and the way to the cases behind it. */
export function FindingsPanel({ runId, parts }: FindingsProps) {
  const { t } = useTranslation("evals");
  const findings = parts.diagnostic?.findings ?? [];
  const slices = (parts.slices?.found ?? [])
    .filter(({ verdict }) => verdict === "worse")
    .slice(0, MOST_SLICES);
  const clusters = (parts.failure_clusters?.clusters ?? []).slice(0, MOST_CLUSTERS);
  const worse = (parts.trend?.metrics ?? []).filter(
    ({ since_previous }) => since_previous?.verdict === "worse",
  );
  const count = findings.length + slices.length + clusters.length + worse.length;
  if (count === 0)
    return (
      <Panel title={t("analysis.findings")}>
        <Note>{t("analysis.noFindings")}</Note>
      </Panel>
    );
  return (
    <Panel title={t("analysis.findings")} note={t("analysis.findingsNote")} isFlush>
      <ul className={classes.findings}>
        {worse.map(({ metric, unit, since_previous }) => (
          <Worse key={metric} metric={metric} unit={unit} difference={since_previous?.difference ?? 0} />
        ))}
        {findings.map((finding) => (
          <RuleFinding
            key={`${finding.code} ${finding.metric}`}
            runId={runId}
            finding={finding}
            metrics={metricsOf(finding).filter((metric) => isFailed(parts, metric))}
          />
        ))}
        {slices.map((slice) => (
          <SliceFinding key={`${slice.fact} ${slice.value} ${slice.metric}`} slice={slice} />
        ))}
        {clusters.map((cluster) => (
          <ClusterFinding key={cluster.id} runId={runId} cluster={cluster} />
        ))}
      </ul>
    </Panel>
  );
}

/** A metric that meets its threshold has cases below it, too, but they are not what a finding is about. */
function isFailed({ diagnostic }: Parts, metric: string): boolean {
  const verdict = diagnostic?.gaps.find((gap) => gap.metric === metric)?.verdict;
  return verdict !== undefined && verdict !== "met" && verdict !== "no_data";
}

interface RuleFindingProps {
  runId: string;
  finding: Finding;
  metrics: readonly string[];
}

function RuleFinding({ runId, finding, metrics }: RuleFindingProps) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  return (
    <li>
      <span className={classes.kind}>{t("analysis.kind.rule")}</span>
      <div>
        <p>{visibleLine(pickText(finding.text, language))}</p>
        <p className={classes.ways}>
          {metrics.map((metric) => (
            <FailingLink key={metric} runId={runId} metric={metric} />
          ))}
          {isOfRetrieval(finding) && (
            <ChapterLink to="retrieval">{t("analysis.title.retrieval")}</ChapterLink>
          )}
        </p>
      </div>
    </li>
  );
}

function SliceFinding({ slice }: { slice: Slice }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  const { factOf, factValueOf } = useFactNames();
  const { fact, value, metric, mean, rest, unit, n } = slice;
  return (
    <li>
      <span className={classes.kind}>{t("analysis.kind.slice")}</span>
      <div>
        <p>
          {t("analysis.worseSlice", {
            metric: titleOf(metric),
            slice: `${factOf(fact)} “${factValueOf(fact, value)}”`,
            mean: formatScore(mean, unit, language),
            rest: formatScore(rest, unit, language),
            cases: formatCount(n, language),
          })}
        </p>
        <p className={classes.ways}>
          <ChapterLink to="slices">{t("analysis.title.slices")}</ChapterLink>
        </p>
      </div>
    </li>
  );
}

function ClusterFinding({ runId, cluster }: { runId: string; cluster: Cluster }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const [first] = cluster.representatives;
  return (
    <li>
      <span className={classes.kind}>{t("analysis.kind.cluster")}</span>
      <div>
        <p>
          {t("analysis.cluster", {
            terms: visibleLine(cluster.terms.join(", ")),
            cases: formatCount(cluster.n, language),
            share: formatPercent(cluster.share_of_failing, language),
          })}
        </p>
        <p className={classes.ways}>{first && <CaseLink runId={runId} one={first} cluster={cluster.id} />}</p>
      </div>
    </li>
  );
}

function Worse({ metric, unit, difference }: { metric: string; unit: string; difference: number }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { titleOf } = useMetricNames();
  return (
    <li>
      <span className={classes.kind}>{t("analysis.kind.trend")}</span>
      <div>
        <p>
          {t("analysis.worseSince", {
            metric: titleOf(metric),
            difference: formatScoreDifference(difference, unit, language),
          })}
        </p>
        <p className={classes.ways}>
          <ChapterLink to="trend">{t("analysis.title.trend")}</ChapterLink>
        </p>
      </div>
    </li>
  );
}
