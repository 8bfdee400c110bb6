import type { LanguageTag } from "../../shared/language.ts";

/** What the stages of interpretation hand to each other. Times `...At` are ms of `performance.now()`. */

/** hear -> commit. Of each utterance: started, partials, then ended. Utterances never overlap. */
export type Heard =
  | { type: "started"; utteranceId: string; startedAt: number }
  | { type: "partial"; utteranceId: string; text: string }
  | {
      type: "ended";
      utteranceId: string;
      /** Empty when there was nothing to make out. */
      text: string;
      startedAt: number;
      /** When speech stopped: the end of the last voiced window, not the moment that was decided. */
      endedAt: number;
      /** The recogniser failed, or the audio ended, before the speaker did. */
      cut: boolean;
      /** The recogniser's failure, when that is why. */
      error?: unknown;
    };

/** A piece of an utterance that will not change and can be translated by itself. */
export type Clause = {
  utteranceId: string;
  /** From 0, without gaps. */
  index: number;
  text: string;
  language: LanguageTag;
  /** When the speaker had finished saying it, as near as is known. */
  endedAt: number;
  /** The utterance's last. Its text may be empty when all had been committed before. */
  last: boolean;
};

/** commit -> captions, translate. */
export type Committed =
  | { type: "partial"; utteranceId: string; startedAt: number; stable: string; unstable: string }
  | { type: "clause"; clause: Clause }
  | {
      type: "final";
      utteranceId: string;
      text: string;
      startedAt: number;
      endedAt: number;
      cut: boolean;
      error?: unknown;
    };

/** translate -> captions, speak. */
export type TranslatedClause = { clause: Clause; to: LanguageTag; text: string; error?: unknown };

/** speak -> outlet. `begin` comes before a clause's first chunk, `skipped` instead of one. */
export type Spoken =
  | { type: "begin"; clause: Clause; rate: number }
  | { type: "audio"; samples: Int16Array }
  | { type: "end"; clause: Clause }
  | { type: "skipped"; clause: Clause }
  | { type: "failed"; clause: Clause; error: unknown };
