import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type OnlineRule,
  type OnlineRuleDetail,
  onlineRuleQuery,
  useDeleteOnlineRule,
} from "@/api/online-rules";
import { ConfirmDialog } from "@/components/ui/confirm-dialog";
import { Fact, Facts, FactsHead } from "@/components/ui/facts";
import { ForeignName } from "@/components/ui/foreign-name";
import { Note } from "@/components/ui/note";
import { QueryView } from "@/components/ui/states";
import { useLanguage } from "@/i18n";
import { visibleText } from "@/lib/foreign-text";
import { formatInstant, formatPercent, formatValue } from "@/lib/format";
import { keptSearch, usePageState } from "@/lib/page-state";
import { DetailDrawer } from "../case/detail-drawer";
import classes from "./online.module.css";
import { RuleDialog } from "./rule-dialog";
import { Budget, RuleScope, Today } from "./rule-parts";
import { FailuresPanel, ScoresPanel } from "./rule-scores";

interface RuleDrawerProps {
  rules: readonly OnlineRule[];
  name: string;
  onMove: (name: string) => void;
  onClose: () => void;
}

/** One rule over the page: what it says, what it did today, and its last scores and errors with their traces. */
export function RuleDrawer({ rules, name, onMove, onClose }: RuleDrawerProps) {
  const { t } = useTranslation("online");
  const { scope } = usePageState();
  const query = useQuery(onlineRuleQuery(scope, name));
  const place = rules.findIndex((rule) => rule.name === name);
  return (
    <DetailDrawer
      title={name}
      mark={query.data && <State rule={query.data} />}
      id={undefined}
      traceId={null}
      size={780}
      previous={rules[place - 1]?.name ?? null}
      next={rules[place + 1]?.name ?? null}
      words={{ previous: t("drawer.previous"), next: t("drawer.next"), id: "" }}
      onMove={onMove}
      onClose={onClose}
    >
      <div className={classes.drawer}>
        <QueryView query={query} height={480} skeletonRows={10}>
          {(rule) => (
            <>
              <Head rule={rule} />
              {rule.error && (
                <p role="alert" className={classes.alert}>
                  {t("drawer.failed")} <span className="pw-foreign">{visibleText(rule.error)}</span>
                </p>
              )}
              <Deeds rule={rule} onClose={onClose} />
              <ScoresPanel scores={rule.scores} />
              {rule.failures.length > 0 && <FailuresPanel failures={rule.failures} />}
            </>
          )}
        </QueryView>
      </div>
    </DetailDrawer>
  );
}

function State({ rule }: { rule: OnlineRule }) {
  const { t } = useTranslation("online");
  return <span className={classes.faint}>{t(rule.enabled ? "state.on" : "state.paused")}</span>;
}

function Head({ rule }: { rule: OnlineRuleDetail }) {
  const { t } = useTranslation("online");
  const language = useLanguage();
  return (
    <FactsHead>
      <Facts>
        <Fact name={t("column.scores")}>
          <RuleScope rule={rule} />
        </Fact>
        <Fact name={t("column.sample")}>{formatPercent(rule.sample_rate, language)}</Fact>
        <Fact name={t("drawer.settle")}>{formatValue(rule.settle_seconds, "s", language)}</Fact>
        <Fact name={t("form.profile")}>
          {rule.profile === null ? t("drawer.ofSettings") : <ForeignName text={rule.profile} />}
        </Fact>
        <Fact name={t("drawer.changed")}>
          {formatInstant(rule.updated_at, language)} <ForeignName text={rule.updated_by} length={32} />
        </Fact>
      </Facts>
      <Facts>
        <Fact name={t("column.today")}>
          <Today rule={rule} />
        </Fact>
        <Fact name={t("column.budget")}>
          <Budget rule={rule} />
        </Fact>
      </Facts>
    </FactsHead>
  );
}

function Deeds({ rule, onClose }: { rule: OnlineRuleDetail; onClose: () => void }) {
  const { t } = useTranslation("online");
  const { scope } = usePageState();
  const search = keptSearch(useSearch({ strict: false }));
  const [doing, setDoing] = useState<"change" | "delete" | null>(null);
  const deleting = useDeleteOnlineRule(scope);
  const stop = () => setDoing(null);
  const where = `evaluator = '${rule.name.replaceAll("'", "''")}'`;
  return (
    <Group gap="xs">
      <Button
        variant="default"
        renderRoot={(props) => (
          <Link
            to="/signals/$name"
            params={{ name: "quality.score" }}
            search={{ ...search, by: ["name"], where }}
            {...props}
          />
        )}
      >
        {t("drawer.course")}
      </Button>
      {rule.pack === null ? (
        <>
          <Button variant="default" onClick={() => setDoing("change")}>
            {t("drawer.change")}
          </Button>
          <Button variant="default" onClick={() => setDoing("delete")}>
            {t("drawer.delete")}
          </Button>
        </>
      ) : (
        <Note>{t("origin.readOnly", { pack: rule.pack })}</Note>
      )}
      {doing === "change" && <RuleDialog rule={rule} onSaved={stop} onClose={stop} />}
      {doing === "delete" && (
        <ConfirmDialog
          title={t("drawer.deleteTitle", { name: rule.name })}
          text={t("drawer.deleteText")}
          confirm={t("drawer.delete")}
          cancel={t("cancel")}
          close={t("close")}
          isPending={deleting.isPending}
          error={deleting.error}
          onConfirm={() => deleting.mutate(rule.name, { onSuccess: onClose })}
          onClose={stop}
        />
      )}
    </Group>
  );
}
