import { ActionIcon, Button, CopyButton, Menu, Tooltip } from "@mantine/core";
import { IconCheck, IconDeviceTv, IconDots, IconLink, IconPencil } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Board } from "@/api/boards";
import { sessionQuery } from "@/api/session";
import { pickText, useLanguage } from "@/i18n";
import { keptSearch } from "@/lib/page-state";
import { DeleteDialog } from "../edit/delete-dialog";
import { YamlDialog } from "../edit/yaml-dialog";
import classes from "./board-bar.module.css";
import { BoardPicker } from "./board-picker";

interface BoardBarProps {
  boards: readonly Board[];
  /** Null if the address names a board that is not there. */
  current: Board | null;
  /** Editing begins, with an empty board or with the one shown. */
  onBegin: (isNew: boolean) => void;
}

/** Which board is shown, and what can be done with it. */
export function BoardBar({ boards, current, onBegin }: BoardBarProps) {
  const language = useLanguage();
  const navigate = useNavigate();
  const search = useSearch({ strict: false });
  const mayAct = useMayAct();
  const pick = (name: string) => void navigate({ to: "/", search: { ...keptSearch(search), board: name } });
  const edit = (isNew: boolean) => {
    onBegin(isNew);
    const board = current ? { board: current.name } : {};
    void navigate({ to: "/", search: { ...keptSearch(search), ...board, edit: true } });
  };
  return (
    <div className={classes.bar}>
      <BoardPicker
        boards={boards}
        current={current}
        onPick={pick}
        onNew={mayAct ? () => edit(true) : undefined}
      />
      {current && <p className={classes.description}>{pickText(current.description, language)}</p>}
      {current && <Actions board={current} onEdit={mayAct ? () => edit(false) : undefined} />}
    </div>
  );
}

/** Whether the caller may change boards; who is not known is let try, and the server decides. */
function useMayAct(): boolean {
  const { data } = useQuery(sessionQuery);
  return data?.principal?.scopes.includes("act") ?? true;
}

function Actions({ board, onEdit }: { board: Board; onEdit: (() => void) | undefined }) {
  const { t } = useTranslation("overview");
  const search = keptSearch(useSearch({ strict: false }));
  return (
    <div className={classes.actions}>
      <CopyButton value={linkTo(board.name)} timeout={1500}>
        {({ copied, copy }) => (
          <Button
            variant="default"
            leftSection={copied ? <IconCheck size={14} aria-hidden /> : <IconLink size={14} aria-hidden />}
            onClick={copy}
          >
            {copied ? t("board.linkCopied") : t("board.share")}
          </Button>
        )}
      </CopyButton>
      <Button
        variant="default"
        leftSection={<IconDeviceTv size={14} aria-hidden />}
        renderRoot={(props) => <Link to="/wall" search={{ ...search, board: board.name }} {...props} />}
      >
        {t("board.wall")}
      </Button>
      {onEdit && (
        <Button variant="default" leftSection={<IconPencil size={14} aria-hidden />} onClick={onEdit}>
          {t("board.edit")}
        </Button>
      )}
      <More board={board} mayAct={onEdit !== undefined} />
    </div>
  );
}

/** The address of what is on the page, with the board named even where it is the first one. */
function linkTo(name: string): string {
  const url = new URL(location.href);
  url.searchParams.set("board", name);
  return url.href;
}

function More({ board, mayAct }: { board: Board; mayAct: boolean }) {
  const { t } = useTranslation("overview");
  const [open, setOpen] = useState<"yaml" | "delete" | null>(null);
  const close = () => setOpen(null);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Tooltip label={t("board.more")}>
            <ActionIcon variant="default" size={30} aria-label={t("board.more")}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => setOpen("yaml")}>{t("board.yaml")}</Menu.Item>
          {mayAct && board.origin === "team" && (
            <Menu.Item onClick={() => setOpen("delete")}>
              {board.pack === null ? t("board.delete") : t("board.reset")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <YamlDialog board={board} isOpen={open === "yaml"} onClose={close} />
      <DeleteDialog board={board} isOpen={open === "delete"} onClose={close} />
    </>
  );
}
