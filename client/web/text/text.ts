import { createInstance, type i18n } from "i18next";
import { initReactI18next } from "react-i18next";
import { english } from "./texts.ts";
import { zhCN } from "./zh-CN.ts";

export const interfaceLanguages = ["en", "zh-CN"] as const;

/** What their readers call them. */
export const interfaceLanguageNames = { en: "English", "zh-CN": "简体中文" } as const;

export type InterfaceLanguage = (typeof interfaceLanguages)[number];

/** The first language that the person prefers and the app speaks; English when it speaks none. */
export function preferredInterfaceLanguage(preferred: readonly string[]): InterfaceLanguage {
  for (const tag of preferred) {
    if (/^zh\b/iu.test(tag)) return "zh-CN";
    if (/^en\b/iu.test(tag)) return "en";
  }
  return "en";
}

export function createText(language: InterfaceLanguage): i18n {
  const text = createInstance();
  void text.use(initReactI18next).init({
    lng: language,
    fallbackLng: "en",
    resources: { en: { translation: english }, "zh-CN": { translation: zhCN } },
    // React shows texts as texts already.
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  return text;
}
