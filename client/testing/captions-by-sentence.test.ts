import { expect, test } from "vitest";
import type { CaptionEvent } from "../../shared/call.ts";
import { captionsBySentence } from "./captions-by-sentence.ts";

const speaker = { accountId: "ann", name: "Ann" };
const iso = (at: number) => new Date(at).toISOString();
const spoken = (utteranceId: string, startedAt: number) => ({
  utteranceId,
  speaker,
  language: "en",
  startedAt: iso(startedAt),
});
const partial = (id: string, at: number, stable: string): CaptionEvent => ({
  type: "partial",
  ...spoken(id, at),
  stable,
  unstable: "",
});
const final = (id: string, at: number, text: string): CaptionEvent => ({
  type: "final",
  ...spoken(id, at),
  endedAt: iso(at + 500),
  text,
  cut: false,
});
const translation = (
  utteranceId: string,
  text: string,
  isFinal = true,
  language = "es",
): CaptionEvent => ({
  type: "translation",
  utteranceId,
  speaker,
  language,
  text,
  final: isFinal,
});
const voice = (utteranceId: string, lagMs: number): CaptionEvent => ({
  type: "voice",
  utteranceId,
  speaker,
  language: "es",
  lagMs,
  rate: 1,
});

const sentences = [
  { text: "one two", startedAt: 10_000, endedAt: 11_000 },
  { text: "three four", startedAt: 13_000, endedAt: 14_000 },
];

test("each sentence gets the captions of the utterances that began in it, with when they came", () => {
  const [first, second] = captionsBySentence(
    sentences,
    [
      { at: 10_400, event: partial("a", 9900, "one") },
      { at: 10_700, event: partial("a", 9900, "one two") },
      { at: 11_500, event: final("a", 9900, "One") },
      { at: 11_510, event: translation("a", "Uno") },
      { at: 11_511, event: translation("a", "Un", true, "fr") },
      { at: 11_600, event: final("b", 10_800, "two") },
      { at: 11_610, event: translation("b", "dos") },
      { at: 11_540, event: voice("a", 600) },
      { at: 14_600, event: final("c", 12_950, "three for") },
    ],
    "es",
  );
  expect(first).toEqual({
    ...sentences[0],
    utterances: 2,
    recognised: "One two",
    translated: "Uno dos",
    firstPartialAt: 10_400,
    finalAt: 11_600,
    voiced: [{ at: 11_540, text: "Uno", rate: 1, lagMs: 600 }],
  });
  expect(second).toMatchObject({ recognised: "three for", translated: "", voiced: [] });
  expect(second?.firstPartialAt).toBeUndefined();
});

test("the clauses of an utterance are told apart, each with its voice", () => {
  const [sentence] = captionsBySentence(
    sentences.slice(0, 1),
    [
      { at: 10_700, event: translation("a", "Uno,", false) },
      { at: 10_800, event: voice("a", 300) },
      { at: 11_400, event: final("a", 10_000, "one, two") },
      { at: 11_500, event: translation("a", "Uno, dos") },
      { at: 12_000, event: voice("a", 900) },
    ],
    "es",
  );
  expect(sentence?.voiced.map(({ text }) => text)).toEqual(["Uno,", "dos"]);
  expect(sentence?.translated).toBe("Uno, dos");
});
