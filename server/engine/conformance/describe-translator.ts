import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LanguageTag, normaliseLanguage } from "../../../shared/language.ts";
import type { Translator } from "../../interpreter/engines.ts";
import { expectEngineError, oddTexts } from "./expect-engine-error.ts";

export type TranslatorFixture = {
  translator: Translator;
  from: LanguageTag;
  to: LanguageTag;
  unsupported: LanguageTag;
  text: string;
  /** What `text` becomes. */
  translation: string;
};

/** What every translator does, whoever provides it. */
export function describeTranslator(
  name: string,
  createFixture: () => Promise<TranslatorFixture>,
): void {
  describe(`the ${name} translator`, () => {
    const never = new AbortController().signal;
    let fixture: TranslatorFixture;
    beforeAll(async () => {
      fixture = await createFixture();
    });
    afterAll(() => fixture.translator.close());

    function translate(text: string, signal = never, context: string[] = []): Promise<string> {
      const { translator, from, to } = fixture;
      return translator.translate({ text, from, to, context, signal });
    }

    const expectWorking = async () =>
      expect(await translate(fixture.text)).toBe(fixture.translation);

    it("says who it is and what it serves", () => {
      const { translator, from, to, unsupported } = fixture;
      expect(translator.provider).not.toBe("");
      expect(translator.availability).toEqual({ available: true });
      expect(translator.supports(from, to)).toBe(true);
      expect(translator.supports(unsupported, to)).toBe(false);
      expect(translator.supports(from, unsupported)).toBe(false);
      for (const pair of translator.pairs) {
        expect(translator.supports(...pair)).toBe(true);
        expect(pair.map(normaliseLanguage)).toEqual(pair);
      }
      expect(new Set(translator.pairs.map(String)).size).toBe(translator.pairs.length);
    });

    it("translates", async () => {
      await fixture.translator.warm(fixture.from, fixture.to);
      await expectWorking();
    });

    it("serves the languages of any region", async () => {
      const { translator, text, translation } = fixture;
      const [from, to] = [fixture.from, fixture.to].map(
        (tag) => `${new Intl.Locale(tag).language}-ZZ`,
      );
      if (from === undefined || to === undefined) throw new Error("no languages");
      expect(translator.supports(from, to)).toBe(true);
      const translated = await translator.translate({ text, from, to, context: [], signal: never });
      expect(translated.replace(/^\[[^\]]*\] /, "")).toBe(translation.replace(/^\[[^\]]*\] /, ""));
    });

    it("does not translate the context", async () => {
      expect(await translate(fixture.text, never, ["Something else was said before."])).toBe(
        fixture.translation,
      );
    });

    it.each(["", " ", "\n\t "])("has nothing to say about %j", async (text) => {
      expect(await translate(text)).toBe("");
    });

    it("answers each for itself when many ask at once", async () => {
      const numbers = Array.from({ length: 30 }, (_, index) => 1000 + index);
      const answers = await Promise.all(numbers.map((number) => translate(`house ${number}`)));
      numbers.forEach((number, index) => expect(answers[index]).toContain(String(number)));
    });

    it("drops what is aborted, and nobody else notices", async () => {
      const controller = new AbortController();
      const before = translate(fixture.text);
      const aborted = translate("house 1", controller.signal);
      const after = translate(fixture.text);
      controller.abort(new Error("no longer wanted"));
      await expect(aborted).rejects.toThrow("no longer wanted");
      expect(await before).toBe(fixture.translation);
      expect(await after).toBe(fixture.translation);
      await expect(translate("house", controller.signal)).rejects.toThrow("no longer wanted");
    });

    it.each(oddTexts)("takes %j for text", async (text) => {
      expect(typeof (await translate(text))).toBe("string");
      await expectWorking();
    });

    it("leaves markup as it is", async () => {
      expect(await translate("<b>1234</b>")).toContain("<b>1234</b>");
      expect(await translate("{1} [2] ^3$ 4/5 \\ @")).toContain("{1} [2] ^3$ 4/5 \\ @");
    });

    it("translates a very long text to its end", async () => {
      const answer = await translate(`${"The house is here. ".repeat(1000)}The end is 4711.`);
      expect(answer.length).toBeGreaterThan(5000);
      expect(answer).toContain("4711");
    });

    it("refuses what it does not serve", async () => {
      const { translator, from, unsupported } = fixture;
      const request = { text: "house", from, to: unsupported, context: [], signal: never };
      await expectEngineError(translator.translate(request), "language");
      await expectEngineError(translator.warm(from, unsupported), "language");
    });

    it("ends what goes on when it is closed, and is unavailable after", async () => {
      const { translator, from, to, text } = await createFixture();
      const request = { text, from, to, context: [], signal: never };
      await translator.translate(request);
      await Promise.all([translator.close(), translator.close()]);
      await expectEngineError(translator.translate(request), "unavailable");
      await expectEngineError(translator.warm(from, to), "unavailable");
      await translator.close();
    });
  });
}
