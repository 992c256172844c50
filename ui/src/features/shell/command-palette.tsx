import { Modal, TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useEffect, useEffectEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./command-palette.module.css";
import { type Command, useCommands } from "./commands";

interface CommandPaletteProps {
  isOpen: boolean;
  onClose: () => void;
}

/** One box that leads everywhere: pages, a trace by its id, signals, runs, a text in traces. */
export function CommandPalette({ isOpen, onClose }: CommandPaletteProps) {
  const { t } = useTranslation("shell");
  return (
    <Modal.Root opened={isOpen} onClose={onClose} padding={0} size="lg" yOffset="12vh" returnFocus>
      <Modal.Overlay />
      <Modal.Content aria-label={t("search")}>
        <Palette onClose={onClose} />
      </Modal.Content>
    </Modal.Root>
  );
}

function Palette({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("shell");
  const id = useId();
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState<string | null>(null);
  const [isEntered, setIsEntered] = useState(false);
  const { commands, isFirstKnown } = useCommands(text);
  const active = Math.max(
    commands.findIndex(({ id }) => id === chosen),
    0,
  );
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const enter = () => {
    // What stands first while answers are on their way need not be what was looked for.
    if (chosen === null && !isFirstKnown) setIsEntered(true);
    else run(commands[active]);
  };
  const runFirst = useEffectEvent(() => {
    setIsEntered(false);
    run(commands[0]);
  });
  useEffect(() => {
    if (isEntered && isFirstKnown) runFirst();
  }, [isEntered, isFirstKnown]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const moves: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1 };
    const next = moves[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setChosen(commands[(next + commands.length) % Math.max(commands.length, 1)]?.id ?? null);
    } else if (event.key === "Enter") {
      event.preventDefault();
      enter();
    }
  };
  return (
    <>
      <TextInput
        data-autofocus
        role="combobox"
        aria-expanded
        aria-controls={`${id}-list`}
        aria-activedescendant={commands[active] ? `${id}-${active}` : undefined}
        aria-label={t("search")}
        placeholder={t("searchPlaceholder")}
        variant="unstyled"
        size="md"
        leftSection={<IconSearch size={16} aria-hidden />}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          setChosen(null);
          setIsEntered(false);
        }}
        onKeyDown={onKeyDown}
        className={classes.input}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={t("search")}
        aria-busy={isEntered}
        className={classes.list}
      >
        {commands.map((command, index) => (
          <UnstyledButton
            key={command.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === active}
            tabIndex={-1}
            ref={(element) => {
              if (index === active) element?.scrollIntoView?.({ block: "nearest" });
            }}
            className={classes.option}
            onMouseMove={() => setChosen(command.id)}
            onClick={() => run(command)}
          >
            <span className={classes.kind}>{command.kind}</span>
            <span className={classes.name}>{command.name}</span>
            {command.note && <span className={classes.note}>{command.note}</span>}
          </UnstyledButton>
        ))}
      </div>
      {commands.length === 0 && <p className={classes.nothing}>{t("searchNothing")}</p>}
    </>
  );
}
