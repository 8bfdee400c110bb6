import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LanguageTag, normaliseLanguage } from "../../../shared/language.ts";
import type { Synthesiser } from "../../interpreter/engines.ts";
import { SPEAKING_RATE } from "../../kit/pcm.ts";
import { collect, expectEngineError, oddTexts } from "./expect-engine-error.ts";

export type SynthesiserFixture = {
  synthesiser: Synthesiser;
  language: LanguageTag;
  unsupported: LanguageTag;
  /** A sentence of about ten words. */
  text: string;
};

/** What every synthesiser does, whoever provides it. */
export function describeSynthesiser(
  name: string,
  createFixture: () => Promise<SynthesiserFixture>,
): void {
  describe(`the ${name} synthesiser`, () => {
    const never = new AbortController().signal;
    let fixture: SynthesiserFixture;
    beforeAll(async () => {
      fixture = await createFixture();
      await fixture.synthesiser.warm(fixture.language);
    });
    afterAll(() => fixture.synthesiser.close());

    function speak(text: string, rate = 1, signal = never): AsyncIterable<Int16Array> {
      return fixture.synthesiser.synthesise({ text, language: fixture.language, rate, signal });
    }

    const spoken = async (text: string, rate?: number) => join(await collect(speak(text, rate)));
    const seconds = (samples: Int16Array) => samples.length / SPEAKING_RATE;

    it("says who it is and what it serves", () => {
      const { synthesiser, language } = fixture;
      expect(synthesiser.provider).not.toBe("");
      expect(synthesiser.availability).toEqual({ available: true });
      expect(synthesiser.languages).toContain(language);
      for (const tag of synthesiser.languages) expect(normaliseLanguage(tag)).toBe(tag);
    });

    it("speaks, in chunks, as long as a person would, neither faint nor distorted", async () => {
      const chunks = await collect(speak(fixture.text));
      expect(chunks.length).toBeGreaterThan(3);
      expect(chunks.every((chunk) => chunk instanceof Int16Array && chunk.length > 0)).toBe(true);
      const samples = join(chunks);
      // Ten words at 24 kHz; another sample rate would be far off.
      expect(seconds(samples)).toBeGreaterThan(2);
      expect(seconds(samples)).toBeLessThan(8);
      const peaks = samples.filter((sample) => Math.abs(sample) > 32_700).length;
      expect(peaks).toBeLessThan(samples.length / 10_000);
      expect(Math.max(...samples.map(Math.abs))).toBeGreaterThan(4000);
    });

    it("speaks faster when it is asked to", async () => {
      const [natural, hurried] = [await spoken(fixture.text, 1), await spoken(fixture.text, 1.5)];
      expect(hurried.length).toBeLessThan(natural.length * 0.8);
      expect(hurried.length).toBeGreaterThan(natural.length * 0.5);
    });

    it.each(["", "  \n "])("is silent about %j", async (text) => {
      expect(seconds(await spoken(text))).toBeLessThan(0.5);
    });

    it.each(oddTexts)("takes %j for text", async (text) => {
      expect(seconds(await spoken(text))).toBeLessThan(200);
      expect(seconds(await spoken(fixture.text))).toBeGreaterThan(2);
    });

    it("speaks for several at once, each in full", async () => {
      const texts = [fixture.text, `${fixture.text} ${fixture.text}`, fixture.text.slice(0, 20)];
      const alone: number[] = [];
      for (const text of texts) alone.push(seconds(await spoken(text)));
      const together = await Promise.all(texts.map((text) => spoken(text)));
      together.forEach((samples, index) => {
        expect(seconds(samples)).toBeCloseTo(alone[index] ?? 0, 1);
      });
    });

    it("lets others speak while a long text goes on, and stops it when it is aborted", async () => {
      const controller = new AbortController();
      const long = speak(`${fixture.text} `.repeat(2000), 1, controller.signal);
      const reading = (async () => {
        for await (const _ of long);
      })().catch((error: unknown) => error);
      expect(seconds(await spoken(fixture.text))).toBeGreaterThan(2);
      controller.abort(new Error("interrupted"));
      await reading;
      expect(seconds(await spoken(fixture.text))).toBeGreaterThan(2);
    });

    it("stops when its reader does", async () => {
      for await (const chunk of speak(`${fixture.text} `.repeat(2000))) {
        expect(chunk.length).toBeGreaterThan(0);
        break;
      }
      expect(seconds(await spoken(fixture.text))).toBeGreaterThan(2);
    });

    it("refuses what it can't do, and what was aborted before", async () => {
      const { synthesiser, text, unsupported } = fixture;
      const request = { text, language: unsupported, rate: 1, signal: never };
      await expectEngineError(collect(synthesiser.synthesise(request)), "language");
      await expectEngineError(synthesiser.warm(unsupported), "language");
      await expectEngineError(spoken(text, 0), "input");
      await expectEngineError(spoken(text, Number.NaN), "input");
      const aborted = AbortSignal.abort(new Error("too late"));
      await expect(collect(speak(text, 1, aborted))).rejects.toThrow("too late");
    });

    it("is unavailable once it is closed", async () => {
      const { synthesiser, language, text } = await createFixture();
      await Promise.all([synthesiser.close(), synthesiser.close()]);
      const request = { text, language, rate: 1, signal: never };
      await expectEngineError(collect(synthesiser.synthesise(request)), "unavailable");
      await expectEngineError(synthesiser.warm(language), "unavailable");
      await synthesiser.close();
    });
  });
}

function join(chunks: readonly Int16Array[]): Int16Array {
  const samples = new Int16Array(chunks.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    samples.set(chunk, at);
    at += chunk.length;
  }
  return samples;
}
