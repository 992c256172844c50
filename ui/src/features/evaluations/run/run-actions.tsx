import { Button, Menu } from "@mantine/core";
import { IconScale } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type EvalRun, evalRunsQuery, exportAddress, isUnderWay, useCancelRun } from "@/api/eval-runs";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { DownloadMenu } from "@/components/ui/download-menu";
import { useLanguage } from "@/i18n";
import { cutText, visibleLine } from "@/lib/foreign-text";
import { formatListTime } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";

const FORMATS = ["json", "jsonl", "csv", "xlsx", "md", "html"] as const;
const OTHERS = 12;

/** What can be done with a run: cancel it, hold it against another, take it along. */
export function RunActions({ run }: { run: EvalRun }) {
  return (
    <>
      {isUnderWay(run) && <CancelButton run={run} />}
      <LabelLink run={run} />
      <CompareMenu run={run} />
      <ExportMenu run={run} />
    </>
  );
}

function LabelLink({ run }: { run: EvalRun }) {
  const { t } = useTranslation("evals");
  const search = keptSearch(useSearch({ strict: false }));
  const metric = run.plan.metrics[0]?.name;
  return (
    <Button
      variant="default"
      renderRoot={(props) => (
        <Link
          to="/evaluations/labels"
          search={{ ...search, run: run.id, ...(metric ? { metric } : {}) }}
          {...props}
        />
      )}
    >
      {t("labels.open")}
    </Button>
  );
}

function CancelButton({ run }: { run: EvalRun }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const [isAsking, setAsking] = useState(false);
  const cancelling = useCancelRun(scope, run.id);
  const close = () => setAsking(false);
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {t("cancel.open")}
      </Button>
      {isAsking && (
        <ConfirmDialog
          title={t("cancel.title")}
          text={t("cancel.text")}
          confirm={t("cancel.open")}
          cancel={t("cancel.keep")}
          close={t("close")}
          isPending={cancelling.isPending}
          error={cancelling.error}
          onConfirm={() => cancelling.mutate(undefined, { onSuccess: close })}
          onClose={close}
        />
      )}
    </>
  );
}

/** The other runs of the dataset; the older of two is what the newer is held against. */
function CompareMenu({ run }: { run: EvalRun }) {
  const { t } = useTranslation("evals");
  const language = useLanguage();
  const { scope } = usePageState();
  const search = keptSearch(useSearch({ strict: false }));
  const [isOpen, setOpen] = useState(false);
  const query = useInfiniteQuery({
    ...evalRunsQuery(scope, { dataset: run.dataset, limit: OTHERS + 1 }),
    enabled: isOpen,
  });
  const others = (query.data?.pages[0]?.runs ?? []).filter(({ id }) => id !== run.id).slice(0, OTHERS);
  const pairWith = (other: EvalRun) =>
    other.created_at < run.created_at ? { a: other.id, b: run.id } : { a: run.id, b: other.id };
  return (
    <Menu opened={isOpen} onChange={setOpen} position="bottom-end">
      <Menu.Target>
        <Button variant="default" leftSection={<IconScale size={14} aria-hidden />}>
          {t("compare.with")}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {others.length === 0 && (
          <Menu.Item disabled>{query.isPending ? t("compare.looking") : t("compare.noOther")}</Menu.Item>
        )}
        {others.map((other) => (
          <Menu.Item
            key={other.id}
            renderRoot={(props) => (
              <Link to="/evaluations/compare" search={{ ...search, ...pairWith(other) }} {...props} />
            )}
          >
            <bdi>{cutText(visibleLine(other.name || other.id), 48)}</bdi>
            {` · ${formatListTime(other.created_at, language, new Date())}`}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ExportMenu({ run }: { run: EvalRun }) {
  const { t } = useTranslation("evals");
  const { scope } = usePageState();
  const files = FORMATS.map((format) => ({
    href: exportAddress(scope, run.id, format),
    file: `${run.id}.${format}`,
    text: t(`export.${format}`),
  }));
  return <DownloadMenu label={t("export.open")} files={files} />;
}
