import { AppShell, Burger } from "@mantine/core";
import { useDisclosure, useLocalStorage } from "@mantine/hooks";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { LiveProvider } from "@/lib/live";
import { ShortcutProvider } from "@/lib/shortcuts";
import { CommandPalette } from "./command-palette";
import { GlobalShortcuts } from "./global-shortcuts";
import { HeaderBar } from "./header-bar";
import { KeyGate } from "./key-gate";
import classes from "./shell.module.css";
import { SideBar } from "./side-bar";

/** The frame around every page; the wall has the screen to itself. */
export function Shell() {
  const path = useRouterState({ select: (state) => state.location.pathname });
  return (
    <ShortcutProvider>
      <KeyGate>
        <LiveProvider>{path === "/wall" ? <Outlet /> : <Frame path={path} />}</LiveProvider>
      </KeyGate>
    </ShortcutProvider>
  );
}

function Frame({ path }: { path: string }) {
  const { t } = useTranslation("shell");
  const [isMenuOpen, menu] = useDisclosure(false);
  const [isPaletteOpen, palette] = useDisclosure(false);
  const [isNarrow, setNarrow] = useLocalStorage({ key: "pitwall.narrow-side-bar", defaultValue: false });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu of a phone closes when the page changes
  useEffect(() => menu.close(), [path]);
  return (
    <AppShell
      header={{ height: { base: 84, sm: 48 } }}
      navbar={{ width: isNarrow ? 56 : 220, breakpoint: "sm", collapsed: { mobile: !isMenuOpen } }}
      padding={{ base: 8, sm: 16 }}
      transitionDuration={120}
    >
      <a className={classes.skip} href="#main">
        {t("skipToContent")}
      </a>
      <AppShell.Header className={classes.header}>
        <Burger
          opened={isMenuOpen}
          onClick={menu.toggle}
          hiddenFrom="sm"
          size="sm"
          aria-label={t("menu")}
          aria-expanded={isMenuOpen}
        />
        <HeaderBar onSearch={palette.open} />
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} aria-label={t("pages")}>
        <SideBar isNarrow={isNarrow && !isMenuOpen} onToggle={() => setNarrow(!isNarrow)} />
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
      </AppShell.Main>
      <CommandPalette isOpen={isPaletteOpen} onClose={palette.close} />
      <GlobalShortcuts onSearch={palette.open} />
    </AppShell>
  );
}
