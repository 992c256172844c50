import { Button, Code, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { onlineRulesQuery } from "@/api/online-rules";
import { CopyButton } from "@/components/ui/copy-button";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { EvaluationsTabs } from "../evaluations-tabs";
import { readOnlineSearch } from "../search";
import { OnlineTable } from "./online-table";
import { RuleDialog } from "./rule-dialog";
import { RuleDrawer } from "./rule-drawer";

const COMMAND = "pitwall eval online set grounded --metrics offline_groundedness --sample 0.1";

/** Rules that score a sample of live traces, and how their day goes. */
export function OnlinePage() {
  const { t } = useTranslation("online");
  const { scope } = usePageState();
  const { search, change } = usePageSearch(readOnlineSearch);
  const [isNew, setNew] = useState(false);
  const query = useQuery(onlineRulesQuery(scope));
  return (
    <Page
      title={t("page")}
      actions={
        <Button leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setNew(true)}>
          {t("form.open")}
        </Button>
      }
    >
      <EvaluationsTabs />
      <Panel isFlush>
        <QueryView query={query} height={320} skeletonRows={6}>
          {(rules) =>
            rules.length === 0 ? (
              <NoRules />
            ) : (
              <OnlineTable rules={rules} opened={search.rule} onOpen={(rule) => change({ rule })} />
            )
          }
        </QueryView>
      </Panel>
      {search.rule !== undefined && (
        <RuleDrawer
          key={search.rule}
          rules={query.data ?? []}
          name={search.rule}
          onMove={(rule) => change({ rule })}
          onClose={() => change({ rule: undefined })}
        />
      )}
      {isNew && (
        <RuleDialog
          onSaved={(rule) => {
            setNew(false);
            change({ rule });
          }}
          onClose={() => setNew(false)}
        />
      )}
    </Page>
  );
}

function NoRules() {
  const { t } = useTranslation("online");
  return (
    <EmptyState title={t("empty.title")}>
      <Stack gap="xs" align="center">
        <span>{t("empty.text")}</span>
        <span>
          <Code>{COMMAND}</Code> <CopyButton value={COMMAND} what={t("empty.command")} />
        </span>
        <span>{t("empty.pack")}</span>
      </Stack>
    </EmptyState>
  );
}
