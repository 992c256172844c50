import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { catalogueQuery, type Signal } from "@/api/signals";
import { CopyButton } from "@/components/ui/copy-button";
import { Page } from "@/components/ui/page";
import { EmptyState, QueryView } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch } from "@/lib/page-state";
import classes from "./explorer.module.css";
import { ExplorerView } from "./explorer-view";
import { nearestSignals } from "./families";
import { SignalPicker } from "./signal-picker";

/** One signal: its course, what splits it, where it comes from and the traces behind it. */
export function SignalPage() {
  const { name = "" } = useParams({ strict: false });
  return <SignalNamed name={name} />;
}

export function SignalNamed({ name }: { name: string }) {
  const catalogue = useQuery(catalogueQuery);
  return (
    <QueryView query={catalogue} height={640} skeletonRows={8}>
      {(signals) => {
        const signal = signals.find((known) => known.name === name);
        if (!signal) return <UnknownSignal name={name} signals={signals} />;
        return <KnownSignal signal={signal} signals={signals} />;
      }}
    </QueryView>
  );
}

interface SignalProps {
  signal: Signal;
  signals: readonly Signal[];
}

function KnownSignal({ signal, signals }: SignalProps) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  return (
    <Page
      title={pickText(signal.title, language)}
      aside={
        <span className={classes.identity}>
          <code>{signal.name}</code>
          <CopyButton value={signal.name} what={t("name")} />
        </span>
      }
      actions={<SignalPicker signal={signal} signals={signals} />}
    >
      <ExplorerView signal={signal} signals={signals} />
    </Page>
  );
}

/** The name is not in the catalogue, any more or at all. */
function UnknownSignal({ name, signals }: { name: string; signals: readonly Signal[] }) {
  const { t } = useTranslation("signals");
  const language = useLanguage();
  const kept = keptSearch(useSearch({ strict: false }));
  const near = nearestSignals(name, signals);
  return (
    <Page title={t("unknown.title")} isTitleHidden>
      <EmptyState
        title={t("unknown.title")}
        action={
          <Button component={Link} to="/signals" search={kept as never} variant="default">
            {t("unknown.all")}
          </Button>
        }
      >
        <p className="pw-foreign">
          <code>{name.slice(0, 120)}</code>
        </p>
        <p>{t("unknown.text")}</p>
        {near.length > 0 && (
          <>
            <p>{t("unknown.near")}</p>
            <ul className={classes.nearest}>
              {near.map((signal) => (
                <li key={signal.name}>
                  <Link to="/signals/$name" params={{ name: signal.name }} search={kept}>
                    {pickText(signal.title, language)}
                  </Link>{" "}
                  <code>{signal.name}</code>
                </li>
              ))}
            </ul>
          </>
        )}
      </EmptyState>
    </Page>
  );
}
