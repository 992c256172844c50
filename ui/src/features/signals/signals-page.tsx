import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { catalogueQuery, type Signal } from "@/api/signals";
import { Page } from "@/components/ui/page";
import { EmptyState, ErrorState, LoadingState, QueryView, StaleNote } from "@/components/ui/states";
import { pickText, useLanguage } from "@/i18n";
import { usePageState } from "@/lib/page-state";
import { isInFuture } from "@/lib/time-range";
import { CatalogueFilters } from "./catalogue-filters";
import { CatalogueList } from "./catalogue-list";
import { familiesOf, familyOf } from "./families";
import { FutureNote } from "./future-note";
import { changed, readSignalsSearch, type SignalsSearch } from "./search";
import { byBand, type Reading, useReadings } from "./use-readings";

/** Every signal with its value over the range of the page. */
export function SignalsPage() {
  const { t } = useTranslation("signals");
  const catalogue = useQuery(catalogueQuery);
  const count = catalogue.data?.length;
  return (
    <Page
      title={t("title")}
      aside={
        count !== undefined && (
          <Text size="sm" c="dimmed">
            {t("count", { count })}
          </Text>
        )
      }
    >
      <QueryView query={catalogue} height={640} skeletonRows={16}>
        {(signals) => <Catalogue signals={signals} />}
      </QueryView>
    </Page>
  );
}

function Catalogue({ signals }: { signals: readonly Signal[] }) {
  const { t } = useTranslation("signals");
  const search = readSignalsSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const language = useLanguage();
  const { range } = usePageState();
  const readings = useReadings(signals);
  const change = (values: { [key in keyof SignalsSearch]?: SignalsSearch[key] | undefined }) =>
    void navigate({ to: ".", search: (old: object) => changed(old, values), replace: true });
  const found = useMemo(
    () => signals.filter((signal) => hasWords(signal, search.find ?? "", language)),
    [signals, search.find, language],
  );
  const shown = inBand(found, search.band, readings.data);
  return (
    <>
      <CatalogueFilters search={search} onChange={change} found={found} readings={readings.data} />
      {isInFuture(range, new Date()) && <FutureNote />}
      {readings.isError && readings.data && (
        <StaleNote since={readings.dataUpdatedAt} onRetry={() => void readings.refetch()} />
      )}
      {readings.isError && !readings.data ? (
        <ErrorState error={readings.error} onRetry={() => void readings.refetch()} />
      ) : needsReadings(search) && !readings.data ? (
        <LoadingState height={480} rows={12} />
      ) : shown.length ? (
        <CatalogueList groups={groupsOf(shown, search, readings.data)} readings={readings.data} />
      ) : (
        <EmptyState
          title={t("nothing.title")}
          action={
            <Button variant="default" onClick={() => change({ find: undefined, band: undefined })}>
              {t("nothing.clear")}
            </Button>
          }
        >
          {t("nothing.text")}
        </EmptyState>
      )}
    </>
  );
}

function hasWords(signal: Signal, text: string, language: "en" | "ko"): boolean {
  const { name, title, description } = signal;
  const written = [name, pickText(title, language), title.en, pickText(description, language)]
    .join(" ")
    .toLowerCase();
  return text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => written.includes(word));
}

type Readings = ReadonlyMap<string, Reading> | undefined;

function inBand(signals: readonly Signal[], band: SignalsSearch["band"], readings: Readings) {
  if (!band) return signals;
  return signals.filter(({ name }) => readings?.get(name)?.band === band);
}

function groupsOf(signals: readonly Signal[], search: SignalsSearch, readings: Readings) {
  if (search.order === "band" && readings) return byBand(signals, readings);
  return familiesOf(signals).map((name) => ({
    name,
    signals: signals.filter((signal) => familyOf(signal) === name),
  }));
}

/** Whether what is shown, or in which order, hangs on the values. */
function needsReadings({ band, order }: SignalsSearch): boolean {
  return band !== undefined || order === "band";
}
