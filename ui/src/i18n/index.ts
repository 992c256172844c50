import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import { initialLanguage, type Language, rememberLanguage } from "./languages";

/** Files of one language, by namespace; each language is a chunk of its own. */
const CATALOGUES = {
  en: () => import("./en"),
  ko: () => import("./ko"),
} as const;

async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, "common")) return;
  const { catalogue } = await CATALOGUES[language]();
  for (const [namespace, texts] of Object.entries(catalogue)) {
    i18next.addResourceBundle(language, namespace, texts);
  }
}

/** Prepare texts in the person's language; resolves when they can be shown. */
export async function startTexts(language: Language = initialLanguage()): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    defaultNS: "common",
    resources: {},
    interpolation: { escapeValue: false },
    returnNull: false,
  });
  await switchLanguage(language);
}

export async function switchLanguage(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Switch, and keep the choice for the next visit. */
export async function chooseLanguage(language: Language): Promise<void> {
  rememberLanguage(language);
  await switchLanguage(language);
}

export function useLanguage(): Language {
  const { i18n } = useTranslation();
  return i18n.language === "ko" ? "ko" : "en";
}

/** Texts that the server gives in both languages. */
export function pickText(text: { readonly [language: string]: string }, language: Language): string {
  return text[language] ?? text.en ?? "";
}
