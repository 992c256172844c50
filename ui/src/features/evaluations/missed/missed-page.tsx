import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { MISSED_REASONS, type Missed, type MissedReason, missedFile, missedQuery } from "@/api/missed";
import { DownloadMenu } from "@/components/ui/download-menu";
import { FilterChips } from "@/components/ui/filter-chips";
import { Note } from "@/components/ui/note";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { boundsOf } from "@/lib/time-range";
import { usePageSearch } from "@/lib/use-page-search";
import { EvaluationsTabs } from "../evaluations-tabs";
import { readMissedSearch } from "../search";
import { DatasetMaker } from "./dataset-maker";
import classes from "./missed.module.css";
import { MissedCourse } from "./missed-course";
import { MissedDrawer } from "./missed-drawer";
import { MissedTable } from "./missed-table";
import { NothingMissed } from "./nothing-missed";
import { ReasonIcon } from "./reason-marks";

/** What people asked in vain, the most frequent first, on its way to a dataset. */
export function MissedPage() {
  const { t } = useTranslation("missed");
  const { scope, range } = usePageState();
  const { search, change } = usePageSearch(readMissedSearch);
  const { reason } = search;
  const query = useQuery(missedQuery(scope, boundsOf(range), reason));
  const found = query.data;
  const opened = found?.questions.find(({ id }) => id === search.question);
  return (
    <Page title={t("page")}>
      <EvaluationsTabs />
      <div className={classes.bar}>
        <ReasonFilter
          reason={reason}
          found={query.isPlaceholderData ? undefined : found}
          onChoose={(chosen) => change({ reason: chosen, question: undefined })}
        />
        {found && found.missed > 0 && (
          <div className={classes.deeds}>
            <DatasetMaker found={found} reason={reason} questions={[]} />
            <ExportMenu found={found} reason={reason} />
          </div>
        )}
      </div>
      <QueryView query={query} height={520} skeletonRows={10}>
        {(data) => (
          <div aria-busy={query.isPlaceholderData} className={classes.found}>
            {data.missed === 0 ? (
              <Panel>
                <NothingMissed found={data} reason={reason} onClear={() => change({ reason: undefined })} />
              </Panel>
            ) : (
              <>
                <Panel>
                  <MissedCourse found={data} />
                </Panel>
                <Panel isFlush={data.questions.length > 0}>
                  {data.questions.length > 0 ? (
                    <MissedTable
                      questions={data.questions}
                      opened={search.question}
                      onOpen={(question) => change({ question })}
                    />
                  ) : (
                    <Note>{t("table.noTexts")}</Note>
                  )}
                </Panel>
              </>
            )}
          </div>
        )}
      </QueryView>
      {found && opened && (
        <MissedDrawer
          key={opened.id}
          found={found}
          question={opened}
          reason={reason}
          onMove={(question) => change({ question })}
          onClose={() => change({ question: undefined })}
        />
      )}
    </Page>
  );
}

interface ReasonFilterProps {
  reason: MissedReason | undefined;
  found: Missed | undefined;
  onChoose: (reason: MissedReason | undefined) => void;
}

function ReasonFilter({ reason, found, onChoose }: ReasonFilterProps) {
  const { t } = useTranslation("missed");
  // Under a filter only what it lets through was counted.
  const countOf = (one: MissedReason) => (!reason || one === reason ? found?.reasons[one] : undefined);
  return (
    <FilterChips
      label={t("filter.label")}
      chips={[
        { value: "all" as const, label: t("filter.all"), count: reason ? undefined : found?.missed },
        ...MISSED_REASONS.map((one) => ({
          value: one,
          label: t(`reason.${one}`),
          mark: <ReasonIcon reason={one} />,
          count: countOf(one),
        })),
      ]}
      chosen={reason ?? "all"}
      onChoose={(value) => onChoose(value === "all" ? undefined : value)}
    />
  );
}

const FORMATS = ["csv", "jsonl"] as const;

function ExportMenu({ found, reason }: { found: Missed; reason: MissedReason | undefined }) {
  const { t } = useTranslation("missed");
  const { scope } = usePageState();
  const files = FORMATS.map((format) => ({
    href: missedFile(scope, found, reason, format),
    file: `missed.${format}`,
    text: t(`export.${format}`),
  }));
  return <DownloadMenu label={t("export.open")} files={files} />;
}
