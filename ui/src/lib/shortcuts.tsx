import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useSyncExternalStore,
} from "react";

/** A key, or two keys one after the other: `?`, `g t`, `mod+k`. `mod` is Ctrl, or Command on a Mac. */
export interface Shortcut {
  keys: string;
  /** What it does, in the person's language; the help sheet shows it. */
  label: string;
  /** Heading of the help sheet it stands under. */
  group: string;
  run: () => void;
}

const SEQUENCE_MS = 1000;

class Registry {
  private shortcuts: readonly Shortcut[] = [];
  private readonly watchers = new Set<() => void>();

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  };

  readonly list = (): readonly Shortcut[] => this.shortcuts;

  add(shortcut: Shortcut): () => void {
    this.change([...this.shortcuts, shortcut]);
    return () => this.change(this.shortcuts.filter((known) => known !== shortcut));
  }

  private change(shortcuts: readonly Shortcut[]): void {
    this.shortcuts = shortcuts;
    for (const watcher of this.watchers) watcher();
  }
}

const Context = createContext(new Registry());

/** Run the shortcut that a key, or a key after another, stands for; the last one registered wins. */
function keyListener(list: () => readonly Shortcut[]): (event: KeyboardEvent) => void {
  let first: { key: string; at: number } | null = null;
  const find = (keys: string) => list().findLast((shortcut) => shortcut.keys === keys);
  return (event) => {
    const key = nameOf(event);
    if (!key || isMeantForSomethingElse(event, key)) return;
    const isSequence = first !== null && event.timeStamp - first.at < SEQUENCE_MS;
    const found = (isSequence && find(`${first?.key} ${key}`)) || find(key);
    first = null;
    if (found) {
      event.preventDefault();
      found.run();
    } else if (list().some(({ keys }) => keys.startsWith(`${key} `))) first = { key, at: event.timeStamp };
  };
}

function isMeantForSomethingElse(event: KeyboardEvent, key: string): boolean {
  return event.defaultPrevented || (isTyping(event.target) && !key.startsWith("mod+"));
}

/** Listens for the shortcuts that the components below it register. */
export function ShortcutProvider({ children }: { children: ReactNode }) {
  const registry = useMemo(() => new Registry(), []);
  useEffect(() => {
    const listener = keyListener(registry.list);
    document.addEventListener("keydown", listener);
    return () => document.removeEventListener("keydown", listener);
  }, [registry]);
  return <Context.Provider value={registry}>{children}</Context.Provider>;
}

/** Offer a shortcut for as long as the component is shown. */
export function useShortcut(keys: string, label: string, group: string, run: () => void): void {
  const registry = useContext(Context);
  const latest = useRef(run);
  latest.current = run;
  useEffect(
    () => registry.add({ keys, label, group, run: () => latest.current() }),
    [registry, keys, label, group],
  );
}

export function useShortcutList(): readonly Shortcut[] {
  const registry = useContext(Context);
  return useSyncExternalStore(registry.watch, registry.list);
}

function nameOf(event: KeyboardEvent): string | null {
  if (event.altKey || event.isComposing) return null;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) return `mod+${key}`;
  return event.shiftKey && event.key.length > 1 ? `shift+${key}` : key;
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable || target.matches("input, textarea, select, [role=combobox], [role=listbox]")
  );
}
