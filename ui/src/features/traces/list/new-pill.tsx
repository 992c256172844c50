import { Button } from "@mantine/core";
import { IconArrowUp } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "@/i18n";
import { formatCount } from "@/lib/format";
import classes from "./new-pill.module.css";

/** Says how many new rows wait, and shows them. */
export function NewPill({ count, onShow }: { count: number; onShow: () => void }) {
  const { t } = useTranslation("traces");
  const language = useLanguage();
  return (
    <div className={classes.place} role="status">
      {count > 0 && (
        <Button
          size="compact-sm"
          radius="xl"
          leftSection={<IconArrowUp size={14} aria-hidden />}
          onClick={onShow}
        >
          {Number.isFinite(count)
            ? t("live.new", { count, written: formatCount(count, language) })
            : t("live.many")}
        </Button>
      )}
    </div>
  );
}
