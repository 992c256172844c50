import { Alert, Button } from "@mantine/core";
import { IconClockHour4 } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { usePageState } from "@/lib/page-state";
import { DEFAULT_RANGE } from "@/lib/time-range";

/** The range has not begun: why everything is empty, and the way back. */
export function FutureNote() {
  const { t } = useTranslation("signals");
  const { setRange } = usePageState();
  return (
    <Alert color="gray" variant="light" icon={<IconClockHour4 aria-hidden />} title={t("future.title")}>
      <Button variant="default" onClick={() => setRange(DEFAULT_RANGE)}>
        {t("future.back")}
      </Button>
    </Alert>
  );
}
