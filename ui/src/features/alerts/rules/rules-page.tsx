import { Button, TextInput } from "@mantine/core";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type AlertRule, rulesQuery } from "@/api/alert-rules";
import { Page } from "@/components/ui/page";
import { Panel } from "@/components/ui/panel";
import { EmptyState, QueryView } from "@/components/ui/states";
import { keptSearch, usePageState } from "@/lib/page-state";
import { usePageSearch } from "@/lib/use-page-search";
import { AlertsTabs } from "../alerts-tabs";
import { readRulesSearch } from "../search";
import { RulesTable } from "./rules-table";

/** Rules of packs and of the team: on or off, what they see, and how their evaluation goes. */
export function RulesPage() {
  const { t } = useTranslation("alerts");
  const { scope } = usePageState();
  const { search, change } = usePageSearch(readRulesSearch);
  const kept = keptSearch(useSearch({ strict: false }));
  const query = useQuery(rulesQuery(scope));
  return (
    <Page
      title={t("rules.title")}
      actions={
        <>
          <TextInput
            aria-label={t("rules.find")}
            placeholder={t("rules.find")}
            leftSection={<IconSearch size={14} aria-hidden />}
            w={220}
            value={search.find ?? ""}
            onChange={(event) => change({ find: event.currentTarget.value })}
          />
          <Button
            leftSection={<IconPlus size={14} aria-hidden />}
            renderRoot={(props) => <Link to="/alerts/new-rule" search={kept} {...props} />}
          >
            {t("rules.new")}
          </Button>
        </>
      }
    >
      <AlertsTabs />
      <Panel isFlush>
        <QueryView query={query} height={480} skeletonRows={12}>
          {(rules) => {
            const shown = matching(rules, search.find);
            if (rules.length === 0)
              return <EmptyState title={t("rules.none")}>{t("rules.noneText")}</EmptyState>;
            if (shown.length === 0)
              return (
                <EmptyState
                  title={t("rules.noMatch")}
                  action={
                    <Button variant="default" onClick={() => change({ find: undefined })}>
                      {t("empty.clear")}
                    </Button>
                  }
                />
              );
            return <RulesTable rules={shown} />;
          }}
        </QueryView>
      </Panel>
    </Page>
  );
}

/** Rules that have every word of a text in their names, titles or signals. */
function matching(rules: readonly AlertRule[], text = ""): AlertRule[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return rules.filter(({ name, title, signals }) => {
    const written = [name, ...Object.values(title), ...signals].join(" ").toLowerCase();
    return words.every((word) => written.includes(word));
  });
}
