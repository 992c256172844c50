import { Button } from "@mantine/core";
import { IconFlame } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useTraceSearch } from "../use-trace-search";

/** Leads to the profile of a trace, where there is one. */
export function ProfileButton({ spanIds }: { spanIds: readonly string[] }) {
  const { t } = useTranslation("trace");
  const [, change] = useTraceSearch();
  const [span] = spanIds;
  if (!span) return null;
  return (
    <div style={{ alignSelf: "flex-end" }}>
      <dt className="pw-visually-hidden">{t("profile.buttonHint")}</dt>
      <dd style={{ fontSize: 12, fontWeight: 400 }}>
        <Button
          variant="subtle"
          size="compact-xs"
          leftSection={<IconFlame size={14} aria-hidden />}
          onClick={() => change({ span, tab: "profile" })}
        >
          {t("profile.button")}
        </Button>
      </dd>
    </div>
  );
}
