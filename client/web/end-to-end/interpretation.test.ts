import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { holdConversation, type Interpretation } from "../../testing/conversation.ts";
import { type ParleyServer, startParley } from "../../testing/parley-server.ts";
import {
  openReferenceTranslator,
  type ReferenceTranslator,
} from "../../testing/reference-translator.ts";
import { sentences } from "../../testing/speech.ts";
import { spokenWords } from "../../testing/words.ts";

/** What anybody who knows Spanish would let pass. */
const knownTranslations: Record<string, string> = {
  "i would like a cup of coffee with milk": "Me gustaría una copa de café con leche",
  "the weather is very cold today": "El tiempo es muy frío hoy",
  "he works in a hospital in the city": "Obra en un hospital en la ciudad",
};

const spoken = (text: string) => spokenWords(text).join(" ");

describe("two people speak English at once, to listeners in Spanish and in French", () => {
  let server: ParleyServer;
  let translator: ReferenceTranslator;
  let interpretations: Interpretation[];

  beforeAll(async () => {
    server = await startParley({ mode: "observed" });
    translator = openReferenceTranslator();
    interpretations = await holdConversation({
      server,
      speakers: [
        { name: "Ann", voice: "slt", texts: sentences },
        // In another order, so that nobody's words can pass for the other's.
        { name: "Rob", voice: "rms", texts: sentences.toReversed() },
      ],
      listeners: [
        { name: "Ben", language: "es" },
        { name: "Chloé", language: "fr" },
      ],
      pauseMs: 900,
    });
  }, 150_000);

  afterAll(async () => {
    await translator.close();
    await server.close();
  });

  const found = (speaker: string, listener: string) => {
    const one = interpretations.find(
      (each) => each.speaker.name === speaker && each.listener.name === listener,
    );
    if (!one) throw new Error(`nothing of ${speaker} for ${listener}`);
    return one;
  };
  const exact = ({ sentences: all }: Interpretation) =>
    all.filter(({ text, recognised }) => spoken(recognised) === text);

  test.each([
    ["slt", "Ann"],
    ["rms", "Rob"],
  ])("of %s at least nine words in ten are right", (_, speaker) => {
    for (const listener of ["Ben", "Chloé"]) {
      const { accuracy, sentences: all } = found(speaker, listener);
      const wrong = all.flatMap(({ text, recognised }) =>
        spoken(recognised) === text ? [] : [`${text} -> ${recognised}`],
      );
      expect(accuracy.words).toBeGreaterThan(150);
      expect(accuracy.accuracy, wrong.join("\n")).toBeGreaterThanOrEqual(0.9);
    }
  });

  test("whatever was recognised exactly is translated as the translator alone does it", async () => {
    for (const interpretation of interpretations) {
      const { language } = interpretation.listener;
      const sure = exact(interpretation);
      expect(sure.length).toBeGreaterThanOrEqual(10);
      for (const { recognised, translated } of sure) {
        expect(translated).toBe(await translator.translate(recognised, language));
      }
    }
  });

  test("and the Spanish of some sentences is known", () => {
    const sure = [...exact(found("Ann", "Ben")), ...exact(found("Rob", "Ben"))];
    const known = sure.filter(({ text }) => text in knownTranslations);
    expect(known.length).toBeGreaterThanOrEqual(3);
    for (const { text, translated } of known) expect(translated).toBe(knownTranslations[text]);
  });

  test("each listener really hears what was synthesised of each speaker", () => {
    for (const { speaker, listener, sentences: all } of interpretations) {
      const said = all.filter(({ translated }) => translated !== "");
      const correlations = said.map(({ correlation = 0 }) => correlation);
      const mean = correlations.reduce((sum, one) => sum + one, 0) / correlations.length;
      const all3 = correlations.map((one) => one.toFixed(2)).join(" ");
      expect(mean, `${speaker.name} to ${listener.name}: ${all3}`).toBeGreaterThanOrEqual(0.8);
    }
  });
});
