import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowLeft, IconArrowRight, IconGripVertical, IconPencil, IconTrash } from "@tabler/icons-react";
import { type KeyboardEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./arrangeable.module.css";
import type { Item } from "./model";

interface ArrangeableProps<T> {
  items: readonly Item<T>[];
  /** Names the list for who cannot see it. */
  label: string;
  className: string | undefined;
  nameOf: (value: T) => string;
  isWide?: (value: T) => boolean;
  onMove: (id: number, to: number) => void;
  onChange: (item: Item<T>) => void;
  onRemove: (id: number) => void;
  children: (value: T, index: number) => ReactNode;
}

/** Things in an order that is changed by dragging, by buttons, or by arrow keys on the handle. */
export function Arrangeable<T>(props: ArrangeableProps<T>) {
  const { items, label, className, nameOf, isWide, onMove } = props;
  const { t } = useTranslation("overview");
  const [dragged, setDragged] = useState<number | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const [said, say] = useState("");
  const move = (item: Item<T>, to: number) => {
    if (to < 0 || to >= items.length) return;
    onMove(item.id, to);
    say(t("edit.moved", { name: nameOf(item.value), place: to + 1, count: items.length }));
  };
  const drop = (to: number) => {
    const item = items.find(({ id }) => id === dragged);
    if (item) move(item, to);
    setDragged(null);
    setOver(null);
  };
  return (
    <>
      <ul className={className} aria-label={label}>
        {items.map((item, index) => (
          <li
            key={item.id}
            className={classes.item}
            data-wide={isWide?.(item.value) || undefined}
            data-dragged={item.id === dragged || undefined}
            data-over={(dragged !== null && index === over) || undefined}
            draggable
            onDragStart={(event) => {
              event.dataTransfer.effectAllowed = "move";
              event.dataTransfer.setData("text/plain", nameOf(item.value));
              setDragged(item.id);
            }}
            onDragOver={(event) => {
              if (dragged === null) return;
              event.preventDefault();
              setOver(index);
            }}
            onDrop={(event) => {
              event.preventDefault();
              drop(index);
            }}
            onDragEnd={() => {
              setDragged(null);
              setOver(null);
            }}
          >
            <Controls {...props} item={item} index={index} onMoveTo={(to) => move(item, to)} />
            <div className={classes.content}>{props.children(item.value, index)}</div>
          </li>
        ))}
      </ul>
      <span className="pw-visually-hidden" aria-live="polite">
        {said}
      </span>
    </>
  );
}

interface ControlsProps<T> extends ArrangeableProps<T> {
  item: Item<T>;
  index: number;
  onMoveTo: (to: number) => void;
}

function Controls<T>({ items, item, index, nameOf, onMoveTo, onChange, onRemove }: ControlsProps<T>) {
  const { t } = useTranslation("overview");
  const name = nameOf(item.value);
  const onKeyDown = (event: KeyboardEvent) => {
    const places: Record<string, number> = {
      ArrowLeft: index - 1,
      ArrowUp: index - 1,
      ArrowRight: index + 1,
      ArrowDown: index + 1,
      Home: 0,
      End: items.length - 1,
    };
    const place = places[event.key];
    if (place === undefined) return;
    event.preventDefault();
    onMoveTo(place);
  };
  return (
    <div className={classes.controls} role="group" aria-label={name}>
      <Tooltip label={t("edit.drag")}>
        <ActionIcon
          size="sm"
          className={classes.handle}
          aria-label={t("edit.dragOf", { name })}
          onKeyDown={onKeyDown}
        >
          <IconGripVertical size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Action label={t("edit.earlier", { name })} isOff={index === 0} run={() => onMoveTo(index - 1)}>
        <IconArrowLeft size={15} aria-hidden />
      </Action>
      <Action
        label={t("edit.later", { name })}
        isOff={index === items.length - 1}
        run={() => onMoveTo(index + 1)}
      >
        <IconArrowRight size={15} aria-hidden />
      </Action>
      <span className={classes.gap} />
      <Action label={t("edit.change", { name })} run={() => onChange(item)}>
        <IconPencil size={15} aria-hidden />
      </Action>
      <Action label={t("edit.remove", { name })} run={() => onRemove(item.id)}>
        <IconTrash size={15} aria-hidden />
      </Action>
    </div>
  );
}

interface ActionProps {
  label: string;
  isOff?: boolean;
  run: () => void;
  children: ReactNode;
}

function Action({ label, isOff = false, run, children }: ActionProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon size="sm" aria-label={label} disabled={isOff} onClick={run}>
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
