import type { LanguageTag } from "../../../shared/language.ts";

const namesByDisplay = new Map<string, Intl.DisplayNames>();

/** The name of a language in another one; the tag itself when it has no name there. */
export function languageName(tag: LanguageTag, displayLanguage: LanguageTag): string {
  let names = namesByDisplay.get(displayLanguage);
  if (!names) {
    names = new Intl.DisplayNames([displayLanguage], { type: "language" });
    namesByDisplay.set(displayLanguage, names);
  }
  return names.of(tag) ?? tag;
}

/** What its speakers call it, with a capital where the script has them. */
export function nativeLanguageName(tag: LanguageTag): string {
  const name = languageName(tag, tag);
  const [first = ""] = Array.from(name);
  return first.toLocaleUpperCase(tag) + name.slice(first.length);
}

const rightToLeft = new Set(["Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Rohg", "Mand"]);

/** Which way the language's usual script runs. */
export function textDirection(tag: LanguageTag): "ltr" | "rtl" {
  const { script } = new Intl.Locale(tag).maximize();
  return script !== undefined && rightToLeft.has(script) ? "rtl" : "ltr";
}
