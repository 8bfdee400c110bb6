import { describe, expect, it } from "vitest";
import { baseLanguage, languageSchema, normaliseLanguage, sameLanguage } from "./language.ts";

describe("a language tag", () => {
  it.each([
    ["EN_us", "en-US"],
    ["  pt-br ", "pt-BR"],
    ["ZH-HANT", "zh-Hant"],
    ["zh_hans_cn", "zh-Hans-CN"],
    ["sr-latn", "sr-Latn"],
    ["es-419", "es-419"],
    ["ca-VALENCIA", "ca-valencia"],
    // Codes that were replaced, and longer ones for what has a shorter one.
    ["iw", "he"],
    ["cmn", "zh"],
    ["eng", "en"],
    // Few people, but a language.
    ["ast", "ast"],
    ["nci", "nci"],
  ])("%s is %s, however it is written", (text, tag) => {
    expect(normaliseLanguage(text)).toBe(tag);
    expect(languageSchema.parse(text)).toBe(tag);
  });

  it.each([
    ["", " ", "-", "a", "en us", "en--us", "en-", "e\0n", "1234", "not a language"],
    ["english", "Klingon", "xx", "zz", "xx-US", "und", "und-Latn", "root", "x-private"],
    [`en-${"abcdefgh-".repeat(8)}x`, "en".repeat(100)],
  ])("is none of %j", (...texts) => {
    for (const text of texts) {
      expect(normaliseLanguage(text), text).toBeUndefined();
      expect(languageSchema.safeParse(text).success, text).toBe(false);
    }
  });

  it("tells by its first part who understands whom", () => {
    expect(baseLanguage("pt-BR")).toBe("pt");
    expect(sameLanguage("zh-Hant", "zh-TW")).toBe(true);
    expect(sameLanguage("pt-BR", "pt-PT")).toBe(true);
    expect(sameLanguage("pt", "es")).toBe(false);
  });
});
