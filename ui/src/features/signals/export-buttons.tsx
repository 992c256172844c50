import { Button } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { SeriesAnswer } from "@/api/signals";
import { toCsv, toJson } from "./records";

/** Takes the values away. */
export function ExportButtons({ answer }: { answer: SeriesAnswer }) {
  return (
    <>
      <CopyAs format="CSV" write={() => toCsv(answer)} />
      <CopyAs format="JSON" write={() => toJson(answer)} />
    </>
  );
}

function CopyAs({ format, write }: { format: string; write: () => string }) {
  const { t } = useTranslation("signals");
  const { copied, copy } = useClipboard({ timeout: 1500 });
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      color="gray"
      aria-label={copied ? t("table.copied", { format }) : t("table.copyAs", { format })}
      leftSection={copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
      // Written only when it is wanted: it may be long.
      onClick={() => copy(write())}
    >
      {format}
    </Button>
  );
}
