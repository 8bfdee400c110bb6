import { afterAll, describe, expect, it } from "vitest";
import { LanguageIdentifier } from "./language-identifier.ts";

const identifier = new LanguageIdentifier();
afterAll(() => identifier.close());

const room = ["en", "es", "fr-CA", "pt-BR", "it", "ca", "de"];

describe("identifying a language", () => {
  it.each([
    ["the train is late", "en"],
    ["hasta mañana", "es"],
    ["pas de problème", "fr-CA"],
    ["quanto custa isso", "pt-BR"],
    ["il treno è in ritardo", "it"],
    ["quant costa això", "ca"],
    ["ich glaube schon", "de"],
  ])("takes «%s» for %s", async (text, language) => {
    expect(await identifier.identifyLanguage(text, room)).toBe(language);
  });

  it("only chooses among the languages that it is given", async () => {
    expect(await identifier.identifyLanguage("hasta mañana", ["en", "pt"])).not.toBe("es");
    expect(await identifier.identifyLanguage("god morgen alle sammen", ["en", "nb"])).toBe("nb");
  });

  it.each(["", "12345", "\0", "😀"])("does not guess about %j", async (text) => {
    expect(await identifier.identifyLanguage(text, room)).toBeUndefined();
  });

  it("answers questions that are asked at once each for itself", async () => {
    const answers = await Promise.all(
      ["good morning everyone", "buenos días a todos"].map((text) =>
        identifier.identifyLanguage(text, room),
      ),
    );
    expect(answers).toEqual(["en", "es"]);
  });

  it("says so when it is closed", async () => {
    const closed = new LanguageIdentifier();
    await closed.close();
    await closed.close();
    await expect(closed.identifyLanguage("hello", room)).rejects.toThrow("closed");
  });
});
