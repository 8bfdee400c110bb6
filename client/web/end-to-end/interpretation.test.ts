import { afterAll, beforeAll, expect, test } from "vitest";
import type { LanguageTag } from "../../../shared/language.ts";
import { holdConversation, type Interpretation } from "../../testing/conversation.ts";
import { type ParleyServer, startParley } from "../../testing/parley-server.ts";
import {
  openReferenceTranslator,
  type ReferenceTranslator,
} from "../../testing/reference-translator.ts";
import { realTime } from "../../testing/real-time.ts";
import { type FliteVoice, sentences } from "../../testing/speech.ts";
import { spokenWords, wordAccuracy } from "../../testing/words.ts";

/** What anybody who knows Spanish would let pass. */
const knownTranslations: Record<string, string> = {
  "i would like a cup of coffee with milk": "Me gustaría una copa de café con leche",
  "the weather is very cold today": "El tiempo es muy frío hoy",
  "he works in a hospital in the city": "Obra en un hospital en la ciudad",
  "could you please open the window": "Podría te complacer abrir la ventana",
};

/** With so many words speech may be cut into clauses, each translated by itself. */
const CLAUSE_WORDS = 12;

/** Shorter than people pause, so that the suite takes no longer than it must. */
const PAUSE_MS = 700;

let server: ParleyServer;
let translator: ReferenceTranslator;

beforeAll(async () => {
  server = await startParley({ mode: "observed" });
  translator = openReferenceTranslator();
});
afterAll(async () => {
  await translator.close();
  await server.close();
});

const spoken = (text: string) => spokenWords(text).join(" ");

/** Sentences that came through whole: their translation is known. */
function exactlyRecognised({ sentences: all }: Interpretation) {
  return all.filter(
    ({ text, recognised, utterances }) => utterances === 1 && spoken(recognised) === text,
  );
}

/** What was taken for one clause, whatever it was taken for. */
function singleClauses({ sentences: all }: Interpretation) {
  return all.filter(
    ({ recognised, utterances }) =>
      utterances === 1 && spokenWords(recognised).length < CLAUSE_WORDS,
  );
}

/** All that was recognised as one clause must be translated as the translator does it by itself. */
async function expectRightTranslations(
  clauses: Interpretation["sentences"],
  language: LanguageTag,
): Promise<void> {
  for (const { recognised, translated } of clauses) {
    const right = await translator.translate(recognised, language);
    expect(spoken(translated)).toBe(spoken(right));
  }
}

/** What was translated must have been heard, as it was synthesised. */
function expectHeard({ speaker, listener, sentences: all }: Interpretation, atLeast: number): void {
  const translated = all.filter((sentence) => sentence.translated !== "");
  const correlations = translated.map(({ correlation = 0 }) => correlation);
  const mean = correlations.reduce((sum, one) => sum + one, 0) / correlations.length;
  const each = correlations.map((one) => one.toFixed(2)).join(" ");
  expect(mean, `${speaker.name} to ${listener.name}: ${each}`).toBeGreaterThanOrEqual(atLeast);
}

test.each<FliteVoice>(["slt", "rms"])(
  "20 sentences by the voice %s are recognised, translated, and heard by a Spaniard",
  { ...realTime, timeout: 180_000 },
  async (voice) => {
    const [interpretation] = await holdConversation({
      server,
      speakers: [{ name: "Ann", voice, texts: sentences }],
      listeners: [{ name: "Ben", language: "es" }],
      pauseMs: PAUSE_MS,
    });
    if (!interpretation) throw new Error("there is a speaker and a listener");

    // At least nine words in ten are right.
    const { accuracy } = interpretation;
    const wrong = interpretation.sentences.flatMap(({ text, recognised }) =>
      spoken(recognised) === text ? [] : [`${text} -> ${recognised}`],
    );
    expect(accuracy.words).toBeGreaterThan(150);
    expect(accuracy.accuracy, wrong.join("\n")).toBeGreaterThanOrEqual(0.9);

    const exact = exactlyRecognised(interpretation);
    expect(exact.length).toBeGreaterThanOrEqual(10);
    await expectRightTranslations(singleClauses(interpretation), interpretation.listener.language);
    const known = exact.filter(({ text }) => text in knownTranslations);
    expect(known.length).toBeGreaterThanOrEqual(2);
    for (const { text, translated } of known) expect(translated).toBe(knownTranslations[text]);

    // Ben's page really received what was synthesised.
    expectHeard(interpretation, 0.8);
  },
);

/** The share of a speaker's sentences during which somebody else was speaking, as the server got it. */
function spokenOver(one: Interpretation, other: Interpretation): number {
  const over = one.sentences.filter(({ startedAt, endedAt }) =>
    other.sentences.some((theirs) => theirs.startedAt < endedAt && theirs.endedAt > startedAt),
  );
  return over.length / one.speaker.texts.length;
}

test(
  "two people who speak at once are both interpreted, into Spanish and into French",
  realTime,
  async () => {
    const say = (...indices: number[]) => indices.map((index) => sentences[index] ?? "");
    const interpretations = await holdConversation({
      server,
      speakers: [
        { name: "Ann", voice: "slt", texts: say(1, 3, 4) },
        { name: "Rob", voice: "rms", texts: say(11, 12, 13) },
      ],
      listeners: [
        { name: "Ben", language: "es" },
        { name: "Chloé", language: "fr" },
      ],
      // A busy machine gets behind while two speak, and catches up while they do not.
      pauseMs: 4000,
    });
    expect(interpretations).toHaveLength(4);
    for (const interpretation of interpretations) {
      const { speaker, listener, accuracy } = interpretation;
      const other = interpretations.find(
        (each) => each.listener === listener && each.speaker !== speaker,
      );
      if (!other) throw new Error("two people spoke");
      expect(spokenOver(interpretation, other)).toBeGreaterThan(0.5);
      // How well each voice is recognised is tried above; here nobody's words may be lost or mixed up.
      const recognised = interpretation.sentences.map((sentence) => sentence.recognised).join(" ");
      expect(accuracy.accuracy, recognised).toBeGreaterThanOrEqual(0.5);
      const mistaken = wordAccuracy(other.speaker.texts.join(" "), recognised).accuracy;
      expect(accuracy.accuracy - mistaken, recognised).toBeGreaterThanOrEqual(0.3);
      const clauses = singleClauses(interpretation);
      expect(clauses.length).toBeGreaterThan(0);
      await expectRightTranslations(clauses, listener.language);
      expectHeard(interpretation, 0.6);
    }
  },
);
