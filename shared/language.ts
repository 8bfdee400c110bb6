import { z } from "zod";

/** A BCP 47 language tag in canonical form, such as `en`, `pt-BR` or `zh-Hant`. */
export type LanguageTag = string;

/**
 * Brings any spelling of a language tag (`EN_us`, `pt-br`) into canonical BCP 47 form.
 * Gives undefined when the text is no well-formed tag, or names no language (`und-Latn`, `english`).
 */
export function normaliseLanguage(text: string): LanguageTag | undefined {
  try {
    const tag = Intl.getCanonicalLocales(text.trim().replaceAll("_", "-"))[0];
    return tag !== undefined && tag.length <= 35 && namesLanguage(tag) ? tag : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Longer codes than of three letters are well-formed but reserved. The few of two letters that are in
 * use are all known by the script that they are written in; of three letters there are thousands.
 */
function namesLanguage(tag: LanguageTag): boolean {
  const { language } = new Intl.Locale(tag);
  if (language === "und" || language.length > 3) return false;
  return language.length === 3 || new Intl.Locale(language).maximize().script !== undefined;
}

/** The primary subtag: `pt-BR` -> `pt`. Two tags with one base understand each other. */
export function baseLanguage(tag: LanguageTag): string {
  return new Intl.Locale(tag).language;
}

/** Whether a listener of `b` understands a speaker of `a` without an interpreter. */
export function sameLanguage(a: LanguageTag, b: LanguageTag): boolean {
  return baseLanguage(a) === baseLanguage(b);
}

/** Parses what a person or program gives as a language; every boundary uses it. */
export const languageSchema = z
  .string()
  .max(64)
  .transform((text, context): LanguageTag => {
    const tag = normaliseLanguage(text);
    if (tag === undefined) {
      context.addIssue({
        code: "custom",
        message: "not a language tag",
        params: { reason: "LANGUAGE_UNKNOWN" },
      });
      return z.NEVER;
    }
    return tag;
  });
