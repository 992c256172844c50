import { Modal, TextInput, UnstyledButton } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { type KeyboardEvent, useId, useState } from "react";
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
  const [active, setActive] = useState(0);
  const commands = useCommands(text);
  const run = (command: Command | undefined) => {
    if (!command) return;
    onClose();
    command.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const moves: Record<string, number> = { ArrowDown: active + 1, ArrowUp: active - 1 };
    const next = moves[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setActive((next + commands.length) % Math.max(commands.length, 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(commands[active]);
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
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        className={classes.input}
      />
      <div id={`${id}-list`} role="listbox" aria-label={t("search")} className={classes.list}>
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
            onMouseMove={() => setActive(index)}
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
