import {
  ActionIcon,
  Kbd,
  Menu,
  Tooltip,
  UnstyledButton,
  useComputedColorScheme,
  useMantineColorScheme,
} from "@mantine/core";
import { IconLanguage, IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { Link, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { chooseLanguage, useLanguage } from "@/i18n";
import { LANGUAGES } from "@/i18n/languages";
import { keptSearch } from "@/lib/page-state";
import { FreshnessIndicator } from "./freshness-indicator";
import classes from "./header-bar.module.css";
import { RangePicker } from "./range-picker";
import { ScopePicker } from "./scope-picker";

/** What is looked at, over which time, how fresh it is, and the way to everything else. */
export function HeaderBar({ onSearch }: { onSearch: () => void }) {
  const { t } = useTranslation("shell");
  const search = useSearch({ strict: false });
  return (
    <div className={classes.bar}>
      <Link to="/" search={keptSearch(search)} className={classes.brand} aria-label={t("home")}>
        <svg viewBox="0 0 32 32" width="22" height="22" aria-hidden="true">
          <path d="M3 21h5l3.5-12 6 16 3.5-9h8" />
        </svg>
        <span>{t("brand")}</span>
      </Link>
      <div className={classes.pickers}>
        <ScopePicker />
        <RangePicker />
      </div>
      <FreshnessIndicator />
      <div className={classes.tools}>
        <UnstyledButton className={classes.search} onClick={onSearch} aria-keyshortcuts="Control+K">
          <IconSearch size={15} aria-hidden />
          <span className={classes.searchWord}>{t("searchWord")}</span>
          <Kbd className={classes.searchWord} size="xs" aria-hidden>
            {t("searchKey")}
          </Kbd>
        </UnstyledButton>
        <LanguageMenu />
        <ThemeButton />
      </div>
    </div>
  );
}

function LanguageMenu() {
  const { t } = useTranslation("shell");
  const language = useLanguage();
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={t("language")}>
          <ActionIcon aria-label={t("language")}>
            <IconLanguage size={18} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        {LANGUAGES.map((known) => (
          <Menu.Item
            key={known}
            lang={known}
            aria-current={known === language || undefined}
            fw={known === language ? 600 : 400}
            onClick={() => void chooseLanguage(known)}
          >
            {t(`languageName.${known}`)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function ThemeButton() {
  const { t } = useTranslation("shell");
  const { setColorScheme } = useMantineColorScheme();
  const scheme = useComputedColorScheme();
  const label = scheme === "dark" ? t("useLight") : t("useDark");
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} onClick={() => setColorScheme(scheme === "dark" ? "light" : "dark")}>
        {scheme === "dark" ? <IconSun size={18} aria-hidden /> : <IconMoon size={18} aria-hidden />}
      </ActionIcon>
    </Tooltip>
  );
}
