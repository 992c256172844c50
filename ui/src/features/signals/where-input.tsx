import { ActionIcon, TextInput } from "@mantine/core";
import { IconFilter, IconX } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./explorer.module.css";
import type { Explorer } from "./use-explorer";

const OF_CONDITIONS = "signal.expression_invalid";

/** A condition on the records; what the server says of it stands under it. */
export function WhereInput({ explorer }: { explorer: Explorer }) {
  const { t } = useTranslation("signals");
  const { search, change, refusal } = explorer;
  const [text, setText] = useState(search.where ?? "");
  useEffect(() => setText(search.where ?? ""), [search.where]);
  const apply = (where: string) => {
    const written = where.trim() || undefined;
    if (written !== search.where) change({ where: written, series: undefined });
  };
  const isRefused = refusal?.code === OF_CONDITIONS && text.trim() === (search.where ?? "");
  return (
    <form
      className={classes.where}
      data-refused={isRefused || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        apply(text);
      }}
    >
      <TextInput
        aria-label={t("controls.where")}
        placeholder={t("controls.whereExample")}
        leftSection={<IconFilter size={14} aria-hidden />}
        rightSection={
          text && (
            <ActionIcon
              size="sm"
              aria-label={t("controls.whereClear")}
              onClick={() => {
                setText("");
                apply("");
              }}
            >
              <IconX size={12} aria-hidden />
            </ActionIcon>
          )
        }
        styles={{ input: { fontFamily: "var(--pw-mono)" } }}
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={() => apply(text)}
        error={
          isRefused && (
            <>
              <span className={classes.refusal}>{refusal.detail}</span>
              {refusal.hint && <span className={classes.hint}>{refusal.hint}</span>}
            </>
          )
        }
      />
    </form>
  );
}
