import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Probe, probesQuery } from "@/api/probes";
import { RowKeys } from "@/components/ui/data-table";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { useShortcut } from "@/lib/shortcuts";
import { ProbeDetail } from "./probe-detail";
import { ProbeForm } from "./probe-form";
import { ProbeTable } from "./probe-table";
import { RemoveProbe } from "./remove-probe";
import { readHealthSearch } from "./search";

/** Services as probes find them: up or not, how fast, and how it was. */
export function HealthPage() {
  const { t } = useTranslation("health");
  const { scope } = usePageState();
  const query = useQuery(probesQuery(scope));
  const search = readHealthSearch({ ...(useSearch({ strict: false }) as object) });
  const [edited, setEdited] = useState<Probe | "new" | null>(null);
  const [removed, setRemoved] = useState<Probe | null>(null);
  useShortcut("n", t("probe.add"), t("title"), () => setEdited("new"));
  return (
    <Page
      title={t("title")}
      actions={
        <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setEdited("new")}>
          {t("probe.add")}
        </Button>
      }
    >
      <QueryView query={query} height={320} skeletonRows={8}>
        {(probes) => (
          <Probes probes={probes} chosen={search.probe} onEdit={setEdited} onRemove={setRemoved} />
        )}
      </QueryView>
      {edited && (
        <ProbeForm
          probe={edited === "new" ? null : edited}
          taken={(query.data ?? []).map(({ name }) => name)}
          onClose={() => setEdited(null)}
        />
      )}
      {removed && <RemoveProbe probe={removed} onClose={() => setRemoved(null)} />}
    </Page>
  );
}

interface ProbesProps {
  probes: readonly Probe[];
  chosen: string | undefined;
  onEdit: (probe: Probe) => void;
  onRemove: (probe: Probe) => void;
}

function Probes({ probes, chosen, onEdit, onRemove }: ProbesProps) {
  const { t } = useTranslation("health");
  if (probes.length === 0) return <EmptyState title={t("none")}>{t("noneHint")}</EmptyState>;
  const shown = probes.find(({ name }) => name === chosen);
  return (
    <>
      <Panel isFlush>
        <RowKeys next={t("shortcut.next")} previous={t("shortcut.previous")} group={t("title")}>
          <ProbeTable probes={probes} chosen={chosen} onEdit={onEdit} onRemove={onRemove} />
        </RowKeys>
      </Panel>
      {shown && <ProbeDetail probe={shown} />}
      {chosen && !shown && (
        <EmptyState title={t("unknown", { probe: chosen })}>{t("unknownHint")}</EmptyState>
      )}
    </>
  );
}
