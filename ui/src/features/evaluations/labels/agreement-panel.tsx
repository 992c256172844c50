import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { type MetricTrust, trustQuery, useCalibrate } from "@/api/eval-labels";
import type { EvalRun } from "@/api/eval-runs";
import { Fact, Totals } from "@/components/ui/facts";
import { Note } from "@/components/ui/note";
import { Panel } from "@/components/ui/panel";
import { ErrorState, QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { visibleLine } from "@/lib/foreign-text";
import { formatCount, formatPercent, formatScore, NO_VALUE } from "@/lib/format";
import { usePageState } from "@/lib/page-state";

/** How far the judge and people agree on a metric of a run, once there are labels. */
export function AgreementPanel({ run, metric }: { run: EvalRun; metric: string }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const query = useQuery(trustQuery(scope, run.id));
  const calibrating = useCalibrate(scope, run.id);
  const found = query.data?.metrics.find((one) => one.metric === metric);
  return (
    <Panel title={t("labels.agreement")}>
      <QueryView query={query} height={100}>
        {() => (found ? <Agreement trust={found} /> : <Note>{t("labels.noAgreement")}</Note>)}
      </QueryView>
      {calibrating.isError && <ErrorState error={calibrating.error} />}
      {found && found.n_joined > 0 && (
        <Group gap="xs" mt="xs">
          <Button variant="default" loading={calibrating.isPending} onClick={() => calibrating.mutate()}>
            {t("labels.keep")}
          </Button>
          {calibrating.isSuccess && <Note>{t("labels.kept")}</Note>}
        </Group>
      )}
    </Panel>
  );
}

function Agreement({ trust }: { trust: MetricTrust }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { kappa, confusion, corrected } = trust;
  const score = (value: number | null | undefined) => formatScore(value, "ratio", language);
  return (
    <>
      <Note>{visibleLine(pickText(trust.text, language))}</Note>
      <Totals>
        <Fact name={t("labels.labelled")}>{formatCount(trust.n_joined, language)}</Fact>
        <Fact name={t("labels.kappa")}>
          {score(kappa?.value)}
          {kappa?.interval && (
            <small>
              {score(kappa.interval.low)} – {score(kappa.interval.high)}
            </small>
          )}
        </Fact>
        {confusion && (
          <>
            <Fact name={t("labels.onlyJudge")}>{formatCount(confusion.only_judge, language)}</Fact>
            <Fact name={t("labels.onlyPeople")}>{formatCount(confusion.only_people, language)}</Fact>
          </>
        )}
        <Fact name={t("labels.corrected")}>
          {corrected ? formatPercent(corrected.value, language) : NO_VALUE}
          {corrected && (
            <small>
              {formatPercent(corrected.interval.low, language)} –{" "}
              {formatPercent(corrected.interval.high, language)}
            </small>
          )}
        </Fact>
      </Totals>
    </>
  );
}
