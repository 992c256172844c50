import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { EmptyState } from "@/components/ui/states";
import { usePageState } from "@/lib/page-state";
import { DEFAULT_RANGE } from "@/lib/time-range";

/** Stands in place of a board whose time has not come. */
export function FutureRange() {
  const { t } = useTranslation("overview");
  const { setRange } = usePageState();
  return (
    <EmptyState
      title={t("future.title")}
      action={<Button onClick={() => setRange(DEFAULT_RANGE)}>{t("future.back")}</Button>}
    >
      {t("future.text")}
    </EmptyState>
  );
}
