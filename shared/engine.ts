import type { LanguageTag } from "./language.ts";

export type EngineKind = "recogniser" | "translator" | "synthesiser";

/** `reason` says in a sentence what is missing and what to do about it. */
export type Availability = { available: true } | { available: false; reason: string };

export type EngineStatus = Availability & {
  /** Such as `local`. */
  provider: string;
  kind: EngineKind;
  /** What it recognises, translates from or speaks. */
  languages: LanguageTag[];
  /** Of translators: every pair, `[from, to]`. */
  pairs?: [LanguageTag, LanguageTag][];
};
