import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type RuleContent, ruleQuery } from "@/api/alert-rules";
import { ApiProblem } from "@/api/problem";
import { catalogueQuery, type Signal } from "@/api/signals";
import { Page } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { keptSearch, usePageState } from "@/lib/page-state";
import { newRule } from "./model";
import { RuleEditor } from "./rule-editor";

/** One rule, to be looked at and changed. */
export function RulePage({ name }: { name: string }) {
  const { scope } = usePageState();
  const query = useQuery(ruleQuery(scope, name));
  if (query.data === undefined && query.error instanceof ApiProblem && query.error.isNotFound)
    return <UnknownRule name={name} />;
  return (
    <QueryView query={query} height={480} skeletonRows={8}>
      {(rule) => (
        <RuleEditor key={rule.revision} original={rule} content={rule.content as unknown as RuleContent} />
      )}
    </QueryView>
  );
}

/** What a new rule fires on, as long as nobody said otherwise, has bands to fire by. */
function firstWithBands(signals: readonly Signal[]): string {
  return (signals.find(({ bands }) => bands.warning ?? bands.critical) ?? signals[0])?.name ?? "";
}

/** A rule that is not there yet; it begins with a signal of the address, or one that has bands. */
export function NewRulePage() {
  const search: { signal?: string } = useSearch({ strict: false });
  const query = useQuery(catalogueQuery);
  return (
    <QueryView query={query} height={480} skeletonRows={8}>
      {(signals) => (
        <RuleEditor original={null} content={newRule(search.signal ?? firstWithBands(signals))} />
      )}
    </QueryView>
  );
}

function UnknownRule({ name }: { name: string }) {
  const { t } = useTranslation("alerts");
  const search = keptSearch(useSearch({ strict: false }));
  const title = t("rules.unknown", { name: name.slice(0, 80) });
  return (
    <Page title={title} isTitleHidden>
      <EmptyState
        title={title}
        action={
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/alerts/rules" search={search} {...props} />}
          >
            {t("rules.all")}
          </Button>
        }
      >
        {t("rules.unknownText")}
      </EmptyState>
    </Page>
  );
}
