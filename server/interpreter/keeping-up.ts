import type { LanguageTag } from "../../shared/language.ts";
import type { SpeakPolicy } from "./policy.ts";
import { isSpaceless } from "./words.ts";

export type Timing = {
  /** From the clause's end in the speaker's mouth to when it would be heard now. */
  behindMs: number;
  /** No other clause waits. */
  newest: boolean;
};

/** Whether a clause is still worth saying. */
export function whatToDo({ behindMs, newest }: Timing, policy: SpeakPolicy): "say" | "skip" {
  const limit = newest ? policy.staleAfterMs : policy.skipAfterMs;
  return behindMs > limit ? "skip" : "say";
}

/** How fast to speak with so much more to say: 1 is natural. */
export function rateFor(backlogMs: number, policy: SpeakPolicy): number {
  const { naturalBacklogMs: natural, hurriedBacklogMs: hurried, hurriedRate } = policy;
  const share = Math.min(1, Math.max(0, (backlogMs - natural) / (hurried - natural)));
  return Math.round((1 + (hurriedRate - 1) * share) * 100) / 100;
}

/** How much a new length tells, against all lengths before. */
const LEARNING = 0.2;

/** Estimates how long a text takes to say, and learns from how long texts took. */
export function createSpeechLength(language: LanguageTag) {
  // Four characters of Han a second, fourteen letters.
  const usual = isSpaceless(language) ? 250 : 70;
  let perCharacter = usual;
  return {
    /** In ms: sound that goes on for longer doesn't say the text. No voice can teach it otherwise. */
    longest: (text: string, { endlessFactor, endlessMs }: SpeakPolicy) =>
      text.length * usual * endlessFactor + endlessMs,
    /** In ms at the natural rate. */
    estimate: (text: string) => text.length * perCharacter,
    learn(text: string, ms: number): void {
      if (text.length > 0 && ms > 0) perCharacter += (ms / text.length - perCharacter) * LEARNING;
    },
  };
}
