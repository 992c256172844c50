import { ActionIcon, CopyButton as Copier, Tooltip } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

/** Copies a text; `what` completes "Copy …" for people who cannot see the icon. */
export function CopyButton({ value, what }: { value: string; what: string }) {
  const { t } = useTranslation();
  return (
    <Copier value={value} timeout={1500}>
      {({ copied, copy }) => {
        const label = copied ? t("action.copied") : t("action.copy", { what });
        return (
          <Tooltip label={label}>
            <ActionIcon size="sm" aria-label={label} onClick={copy}>
              {copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            </ActionIcon>
          </Tooltip>
        );
      }}
    </Copier>
  );
}

/** An id, cut to what fits, to be copied whole. */
export function CopyableId({ value, what, shown = 8 }: { value: string; what: string; shown?: number }) {
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 2 }}>
      <code className="pw-mono" title={value}>
        {value.length > shown + 2 ? `${value.slice(0, shown)}…` : value}
      </code>
      <CopyButton value={value} what={what} />
    </span>
  );
}
