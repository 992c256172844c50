import { ActionIcon, Button, Popover, Stack, Text, TextInput, Tooltip, UnstyledButton } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { type SavedView, useDeleteView, useSaveView, viewsQuery } from "@/api/views";
import { usePageState } from "@/lib/page-state";
import { isSameView, readView, viewOf } from "../model/saved-view";
import type { TracesState } from "../use-traces-state";
import classes from "./toolbar.module.css";

const PAGE = "traces";

/** Saved filters, columns and order: pick, save, delete; tells whether what is shown was changed since. */
export function ViewsMenu({ state }: { state: TracesState }) {
  const { t } = useTranslation("traces");
  const { scope } = usePageState();
  const [isOpen, menu] = useDisclosure(false);
  const views = useQuery(viewsQuery(scope, PAGE));
  const current = views.data?.find(({ id }) => id === state.view);
  const isModified = current !== undefined && !isSameView(current.query, viewOf(state));
  return (
    <Popover opened={isOpen} onChange={menu.toggle} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button
          variant="default"
          h={34}
          leftSection={<IconBookmark size={14} aria-hidden />}
          aria-haspopup="dialog"
          aria-expanded={isOpen}
          onClick={menu.toggle}
          className={classes.views}
        >
          <span className={classes.viewName}>{current?.name ?? t("views.title")}</span>
          {isModified && <span className={classes.modified}>{t("views.modified")}</span>}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t("views.title")}>
        <Stack gap="xs" w={260}>
          <ViewList
            views={views.data ?? []}
            current={current?.id ?? null}
            onPick={(view) => {
              menu.close();
              state.change({ ...readView(view.query), view: view.id });
            }}
            onDeleted={(id) => id === state.view && state.change({ view: undefined })}
          />
          <SaveForm
            state={state}
            onSaved={(view) => {
              menu.close();
              state.change({ view: view.id });
            }}
          />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

interface ViewListProps {
  views: readonly SavedView[];
  current: string | null;
  onPick: (view: SavedView) => void;
  onDeleted: (id: string) => void;
}

function ViewList({ views, current, onPick, onDeleted }: ViewListProps) {
  const { t } = useTranslation("traces");
  const { scope } = usePageState();
  const remove = useDeleteView(scope);
  const [asked, setAsked] = useState<string | null>(null);
  if (views.length === 0)
    return (
      <Text size="xs" c="dimmed">
        {t("views.none")}
      </Text>
    );
  const onRemove = (id: string) => {
    if (asked === id) remove.mutate(id, { onSuccess: () => onDeleted(id) });
    else setAsked(id);
  };
  return (
    <ul className={classes.viewList}>
      {views.map((view) => (
        <li key={view.id}>
          <UnstyledButton
            className={classes.view}
            aria-current={view.id === current || undefined}
            onClick={() => onPick(view)}
          >
            <bdi>{view.name}</bdi>
          </UnstyledButton>
          {asked === view.id ? (
            <Button
              size="compact-xs"
              color="red"
              variant="light"
              loading={remove.isPending}
              onClick={() => onRemove(view.id)}
            >
              {t("views.delete")}
            </Button>
          ) : (
            <Tooltip label={t("views.deleteOne", { name: view.name })}>
              <ActionIcon
                size={22}
                aria-label={t("views.deleteOne", { name: view.name })}
                onClick={() => onRemove(view.id)}
              >
                <IconTrash size={13} aria-hidden />
              </ActionIcon>
            </Tooltip>
          )}
        </li>
      ))}
      {remove.error && <li role="alert">{remove.error.message}</li>}
    </ul>
  );
}

function SaveForm({ state, onSaved }: { state: TracesState; onSaved: (view: SavedView) => void }) {
  const { t } = useTranslation("traces");
  const { scope } = usePageState();
  const save = useSaveView(scope);
  const [name, setName] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim())
      save.mutate({ name: name.trim(), page: PAGE, query: viewOf(state) }, { onSuccess: onSaved });
  };
  return (
    <form onSubmit={submit} className={classes.save}>
      <TextInput
        label={t("views.name")}
        value={name}
        maxLength={100}
        error={save.error?.message}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
      />
      <Button type="submit" disabled={!name.trim()} loading={save.isPending}>
        {t("views.save")}
      </Button>
    </form>
  );
}
