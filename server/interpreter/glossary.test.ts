import { describe, expect, it, vi } from "vitest";
import type { EngineRegistry, TranslationRequest } from "./engines.ts";
import { type Term, translateWith, withGlossary } from "./glossary.ts";

const never = new AbortController().signal;
const request = (text: string, from = "en", to = "es"): TranslationRequest => {
  return { text, from, to, context: ["before"], signal: never };
};

/** Leaves nothing as it is but names. */
const shout = vi.fn(({ text }: TranslationRequest) =>
  Promise.resolve(text.replaceAll(/\b(?!Zq)\p{L}+/gu, (word) => word.toUpperCase())),
);
const translate = (text: string, terms: Term[]) =>
  translateWith({ translate: shout }, request(text), terms);

const term = (source: string, translation: string): Term => ({ term: source, translation });

describe("a translation with a glossary", () => {
  it("has the terms as the glossary has them, and leaves the rest to the translator", async () => {
    const terms = [term("mail merge", "combinación de correspondencia"), term("Parley", "Parley")];
    expect(await translate("use mail merge in Parley, please", terms)).toBe(
      "USE combinación de correspondencia IN Parley, PLEASE",
    );
    expect(await translate("nothing of it", terms)).toBe("NOTHING OF IT");
  });

  it("takes whole words, whatever their case and the blanks between, and the longest", async () => {
    const terms = [term("bank", "banco"), term("river bank", "orilla"), term("C++", "C++")];
    expect(await translate("the River   BANK and the bank, banker of embankments", terms)).toBe(
      "THE orilla AND THE banco, BANKER OF EMBANKMENTS",
    );
    expect(await translate("in c++ now", terms)).toBe("IN C++ NOW");
  });

  it("begins a sentence with a capital where the speaker did", async () => {
    expect(await translate("Bank holidays", [term("bank", "banco")])).toBe("Banco HOLIDAYS");
    expect(await translate("Bank holidays", [term("bank", "UBS")])).toBe("UBS HOLIDAYS");
  });

  it("finds terms where words have no spaces between, and in any composition", async () => {
    expect(await translate("我用会议软件开会", [term("会议软件", "Parley")])).toBe(
      "我用Parley开会",
    );
    expect(await translate("un cafe\u0301 noir", [term("café", "coffee")])).toBe("UN coffee NOIR");
  });

  it("finds terms that have another length in small letters", async () => {
    expect(await translate("in İstanbul, not near it", [term("İstanbul", "Istanbul")])).toBe(
      "IN Istanbul, NOT NEAR IT",
    );
  });

  it("takes no part of an expression in a term for one", async () => {
    expect(await translate("a.b and axb", [term("a.b", "point")])).toBe("point AND AXB");
    expect(await translate("say Zqx1 to bank", [term("bank", "$& banco $1")])).toContain(
      "$& banco $1",
    );
  });

  it("has the terms though the translator loses, doubles or changes what stands for them", async () => {
    for (const harm of [
      (text: string) => text.replaceAll(/Zq\w+/gu, ""),
      (text: string) => text.replaceAll(/Zq\w+/gu, "$& $&"),
      (text: string) => text.replaceAll("Zq", "Z q"),
    ]) {
      const translator = {
        translate: ({ text }: TranslationRequest) => Promise.resolve(harm(text).toUpperCase()),
      };
      expect(
        await translateWith(translator, request("the bank is near, the bank"), [
          term("bank", "banco"),
        ]),
      ).toBe("THE banco IS NEAR, THE banco");
    }
    const loud = {
      translate: ({ text }: TranslationRequest) => Promise.resolve(text.toUpperCase()),
    };
    expect(await translateWith(loud, request("the bank"), [term("bank", "banco")])).toBe(
      "THE banco",
    );
  });

  it("takes the longest of terms that begin alike, and what is left of one that only begins", async () => {
    const terms = [term("a", "1"), term("a b c", "3"), term("A B", "2"), term("会", "x")];
    expect(await translate("a b, a b c, a b cd, a-会议", terms)).toBe("2, 3, 2 CD, 1-x议");
    expect(await translate("b a b c a", [term("b", "x"), term("a b c d", "y")])).toBe("x A x C A");
  });

  it("begins a sentence after the blanks and quotation marks that follow the last", async () => {
    const terms = [term("bank", "banco"), term("etc.", "etc.")];
    expect(await translate("no. “ Bank bank? Bank, Etc. Bank Bank", terms)).toBe(
      "NO. “ Banco banco? Banco, etc. Banco banco",
    );
  });

  it("looks for all terms in one walk, also where each of many nearly fits everywhere", async () => {
    const tails = Array.from({ length: 200 }, (_, index) => String.fromCodePoint(0x100 + index));
    const ends = tails.join("").normalize("NFC");
    for (const letter of ["a ", "あ"]) {
      const begun = letter.repeat(78 / letter.length);
      const terms = tails.map((tail) => term(`${begun}${tail}`, "no"));
      const text = `${letter.repeat(3700 / letter.length)}!${ends}`;
      const translator = { translate: ({ text }: TranslationRequest) => Promise.resolve(text) };
      const started = performance.now();
      expect(await translateWith(translator, request(text), terms)).toBe(text);
      // One after the other they took two seconds, or more.
      expect(performance.now() - started).toBeLessThan(200);
    }
  });

  it("fails as the translator does", async () => {
    const translator = { translate: () => Promise.reject(new Error("no")) };
    await expect(
      translateWith(translator, request("the bank"), [term("bank", "banco")]),
    ).rejects.toThrow("no");
  });
});

describe("engines with a glossary", () => {
  const engines = (): EngineRegistry => ({
    status: () => [],
    recogniserFor: () => undefined,
    synthesiserFor: () => undefined,
    translatorFor: (_from, to) =>
      to === "xx"
        ? undefined
        : {
            provider: "test",
            availability: { available: true },
            pairs: [],
            supports: () => true,
            warm: () => Promise.resolve(),
            close: () => Promise.resolve(),
            translate: shout,
          },
    close: () => Promise.resolve(),
  });

  it("take the terms of these languages, those of this very region first, as they are now", async () => {
    let glossary = [
      { from: "en", to: "pt", terms: [term("bus", "autocarro")] },
      { from: "en", to: "pt-BR", terms: [term("bus", "ônibus")] },
      { from: "en", to: "es", terms: [term("bus", "autobús")] },
    ];
    const translator = (to: string) =>
      withGlossary(engines(), () => Promise.resolve(glossary)).translatorFor("en", to);
    const ask = (to: string) => translator(to)?.translate(request("a bus", "en-GB", to));
    expect(await ask("pt-BR")).toBe("A ônibus");
    expect(await ask("pt")).toBe("A autocarro");
    expect(await ask("es-MX")).toBe("A autobús");
    expect(await ask("fr")).toBe("A BUS");
    expect(await ask("xx")).toBeUndefined();
    glossary = [];
    expect(await ask("es")).toBe("A BUS");
  });
});
