import type { CaptionEvent } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { SentenceTimes } from "./speech-watch.ts";

/** A caption as it reached a page, in ms of the wall clock. */
export type CaptionArrival = { at: number; event: CaptionEvent };

/** A clause that the interpreter's voice said. */
export type VoicedClause = { at: number; text: string; rate: number; lagMs: number };

/** What became of a sentence. Times are those of arrival; absent is what never came. */
export type CaptionedSentence = SentenceTimes & {
  /** How many utterances it was taken for. */
  utterances: number;
  recognised: string;
  translated: string;
  firstPartialAt?: number;
  finalAt?: number;
  voiced: VoicedClause[];
};

/** How much earlier than its sound on the network an utterance may begin, by the server's account. */
const EARLY_MS = 400;

/**
 * Sorts captions of one speaker by the sentence that they belong to: by when their utterance began.
 * A sentence may have become several utterances, or none.
 */
export function captionsBySentence(
  sentences: readonly SentenceTimes[],
  arrivals: readonly CaptionArrival[],
  /** Of translations and voices: other languages are other listeners'. */
  language: LanguageTag,
): CaptionedSentence[] {
  const starts = new Map<string, number>();
  for (const { event } of arrivals) {
    if (event.type === "partial" || event.type === "final") {
      starts.set(event.utteranceId, Date.parse(event.startedAt));
    }
  }
  return sentences.map((sentence, index) => {
    const from = index === 0 ? -Infinity : sentence.startedAt - EARLY_MS;
    const to = (sentences[index + 1]?.startedAt ?? Infinity) - EARLY_MS;
    const mine = arrivals.filter(({ event }) => {
      const start = "utteranceId" in event ? starts.get(event.utteranceId) : undefined;
      return start !== undefined && start >= from && start < to;
    });
    return { ...sentence, ...becameOf(mine, language) };
  });
}

function becameOf(arrivals: readonly CaptionArrival[], language: LanguageTag) {
  const finals = only(arrivals, "final").filter(({ event }) => event.text !== "");
  const translations = only(arrivals, "translation").filter(
    ({ event }) => event.language === language,
  );
  return {
    utterances: finals.length,
    recognised: finals.map(({ event }) => event.text).join(" "),
    translated: translations
      .filter(({ event }) => event.final)
      .map(({ event }) => event.text)
      .join(" "),
    firstPartialAt: only(arrivals, "partial")[0]?.at,
    finalAt: finals.at(-1)?.at,
    voiced: voicedClauses(
      translations.map(({ event }) => event),
      only(arrivals, "voice").filter(({ event }) => event.language === language),
    ),
  };
}

/** A translation holds all clauses so far: what it adds to the one before is its last clause. */
function voicedClauses(
  translations: readonly (CaptionEvent & { type: "translation" })[],
  voices: readonly { at: number; event: CaptionEvent & { type: "voice" } }[],
): VoicedClause[] {
  const said = new Map<string, string>();
  const clauses = new Map<string, string[]>();
  for (const { utteranceId, text } of translations) {
    const before = said.get(utteranceId) ?? "";
    said.set(utteranceId, text);
    const clause = text.startsWith(before) ? text.slice(before.length).trim() : text;
    if (clause !== "") clauses.set(utteranceId, [...(clauses.get(utteranceId) ?? []), clause]);
  }
  return voices.map(({ at, event: { utteranceId, rate, lagMs } }) => {
    return { at, rate, lagMs, text: clauses.get(utteranceId)?.shift() ?? "" };
  });
}

function only<Type extends CaptionEvent["type"]>(
  arrivals: readonly CaptionArrival[],
  type: Type,
): { at: number; event: CaptionEvent & { type: Type } }[] {
  return arrivals.flatMap(({ at, event }) => (isOf(event, type) ? [{ at, event }] : []));
}

function isOf<Type extends CaptionEvent["type"]>(
  event: CaptionEvent,
  type: Type,
): event is CaptionEvent & { type: Type } {
  return event.type === type;
}
