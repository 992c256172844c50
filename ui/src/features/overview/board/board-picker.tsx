import { Menu, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Board } from "@/api/boards";
import { pickText, useLanguage } from "@/i18n";
import classes from "./board-picker.module.css";

interface BoardPickerProps {
  boards: readonly Board[];
  current: Board | null;
  onPick: (name: string) => void;
  /** Begin a board; absent for who may not. */
  onNew?: (() => void) | undefined;
}

/** The name of the board shown, and the way to the others. */
export function BoardPicker({ boards, current, onPick, onNew }: BoardPickerProps) {
  const { t } = useTranslation("overview");
  const language = useLanguage();
  const title = current ? pickText(current.title, language) : t("board.pick");
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <UnstyledButton className={classes.button} aria-label={t("board.picker", { title })}>
          <span className={classes.title}>{title}</span>
          <IconChevronDown size={16} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {boards.map((board) => (
          <Menu.Item
            key={board.name}
            aria-current={board.name === current?.name || undefined}
            fw={board.name === current?.name ? 600 : 400}
            onClick={() => onPick(board.name)}
            rightSection={<span className={classes.note}>{noteOf(board, t)}</span>}
          >
            {pickText(board.title, language)}
          </Menu.Item>
        ))}
        {onNew && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconPlus size={14} aria-hidden />} onClick={onNew}>
              {t("board.new")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function noteOf(board: Board, t: (key: "board.changed" | "board.own") => string): string {
  if (board.is_changed) return t("board.changed");
  return board.pack === null ? t("board.own") : "";
}
