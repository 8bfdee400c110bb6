import { describe, expect, it } from "vitest";
import type { EngineStatus } from "../../../shared/engine.ts";
import { languageName, nativeLanguageName, textDirection } from "./language-name.ts";
import {
  languageOptions,
  matchesSearch,
  preferredLanguage,
  translates,
} from "./language-options.ts";

const engines: EngineStatus[] = [
  { provider: "local", kind: "recogniser", available: true, languages: ["en-US"] },
  {
    provider: "local",
    kind: "translator",
    available: true,
    languages: ["en", "es"],
    pairs: [
      ["en", "es"],
      ["es", "en"],
      ["es", "oc"],
    ],
  },
  { provider: "local", kind: "synthesiser", available: true, languages: ["en-GB", "es", "jbo"] },
  {
    provider: "cloud",
    kind: "recogniser",
    available: false,
    reason: "No key.",
    languages: ["de"],
  },
];

const find = (tag: string) =>
  languageOptions(engines, "en").find((candidate) => candidate.tag === tag);

describe("language options", () => {
  it("mark what the server recognises, translates into and speaks", () => {
    expect(find("en")?.abilities).toEqual({ recognised: true, translated: true, spoken: true });
    expect(find("es")?.abilities).toEqual({ recognised: false, translated: true, spoken: true });
    expect(find("fr")?.abilities).toEqual({ recognised: false, translated: false, spoken: false });
  });

  it("count nothing that is unavailable", () => {
    expect(find("de")?.abilities.recognised).toBe(false);
  });

  it("put what is interpreted first, and each language once", () => {
    const tags = languageOptions(engines, "en").map(({ tag }) => tag);
    expect(tags.slice(0, 3)).toEqual(["en", "oc", "es"]);
    expect(new Set(tags).size).toBe(tags.length);
  });

  it("leave out what only a synthesiser knows", () => {
    expect(find("jbo")).toBeUndefined();
  });

  it("are named in the language itself and in that of the page", () => {
    expect(find("es")).toMatchObject({ native: "Español", local: "Spanish" });
    expect(languageName("es", "zh-CN")).toBe("西班牙语");
    expect(nativeLanguageName("zh-Hant")).toBe("繁體中文");
  });

  it("are found by either name, without accents, and by tag", () => {
    const spanish = find("es");
    const matches = (search: string) => spanish !== undefined && matchesSearch(spanish, search);
    expect(["espan", "SPAN", "es", " español "].map(matches)).toEqual([true, true, true, true]);
    expect(matches("french")).toBe(false);
  });

  it("are preselected by what the browser prefers", () => {
    const options = languageOptions(engines, "en");
    expect(preferredLanguage(["es-MX", "en"], options)).toBe("es");
    expect(preferredLanguage(["zh-TW"], options)).toBe("zh-Hant");
    expect(preferredLanguage(["zh-CN"], options)).toBe("zh");
    expect(preferredLanguage(["tlh", "de-AT"], options)).toBe("de");
    expect(preferredLanguage(["not a tag", "tlh"], options)).toBe("en");
  });
});

describe("translation", () => {
  it("is expected of a pair that an engine has, regions aside", () => {
    expect(translates(engines, "en-US", "es-MX")).toBe(true);
    expect(translates(engines, "en", "fr")).toBe(false);
    expect(translates(engines, "oc", "es")).toBe(false);
  });
});

describe("the direction of text", () => {
  it("follows the script of the language", () => {
    expect(["ar", "he", "fa", "ur"].map(textDirection)).toEqual(["rtl", "rtl", "rtl", "rtl"]);
    expect(["en", "zh", "ru", "az"].map(textDirection)).toEqual(["ltr", "ltr", "ltr", "ltr"]);
  });
});
