import type { Availability, EngineStatus } from "../../shared/engine.ts";
import type { LanguageTag } from "../../shared/language.ts";

/**
 * The contracts that every provider fulfils. All audio is 16-bit signed mono: 16 kHz in, 24 kHz out.
 * Languages are BCP 47 in canonical form; an engine matches them by its own rules (`en` serves `en-GB`).
 * Every long operation takes `signal`; aborting it rejects or ends the stream and frees everything.
 * What an engine throws is an `EngineError`.
 */
type Engine = {
  /** Such as `local`. Unique per kind. */
  readonly provider: string;
  readonly availability: Availability;
  close(): Promise<void>;
};

/** What a recogniser makes out of one utterance: partials, then exactly one final, then the end. */
export type Recognition = { type: "partial"; text: string } | { type: "final"; text: string };

export type Recogniser = Engine & {
  readonly languages: readonly LanguageTag[];
  /** One session a speaker: warms what it can, so that the first utterance is as fast as the next. */
  open(options: { language: LanguageTag; signal: AbortSignal }): Promise<RecogniserSession>;
};

export type RecogniserSession = {
  /**
   * Recognises one utterance while it is spoken. `audio` ends where the utterance does. Partials keep
   * only the newest for a slow reader. Utterances of a session may not overlap.
   */
  recognise(
    audio: AsyncIterable<Int16Array>,
    options: { signal: AbortSignal },
  ): AsyncIterable<Recognition>;
  close(): Promise<void>;
};

export type TranslationRequest = {
  text: string;
  from: LanguageTag;
  to: LanguageTag;
  /** What was said before, oldest first. To be understood, not to be translated. */
  context: readonly string[];
  signal: AbortSignal;
};

export type Translator = Engine & {
  /** Every pair, pivots included, `[from, to]`. */
  readonly pairs: readonly (readonly [LanguageTag, LanguageTag])[];
  supports(from: LanguageTag, to: LanguageTag): boolean;
  /** Starts what the pair needs, so that the first sentence is as fast as the next. */
  warm(from: LanguageTag, to: LanguageTag): Promise<void>;
  translate(request: TranslationRequest): Promise<string>;
};

export type SynthesisRequest = {
  text: string;
  language: LanguageTag;
  /** 1 is natural, 1.3 a hurried voice. */
  rate: number;
  signal: AbortSignal;
};

export type Synthesiser = Engine & {
  readonly languages: readonly LanguageTag[];
  warm(language: LanguageTag): Promise<void>;
  /** Chunks of any length at 24 kHz, as they come. */
  synthesise(request: SynthesisRequest): AsyncIterable<Int16Array>;
};

export type EngineErrorCode =
  | "unavailable"
  | "language"
  | "overloaded"
  | "timeout"
  | "failed"
  | "input";

/** A provider's failure. `retryable`: the same request may succeed later. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;
  readonly retryable: boolean;

  constructor(
    code: EngineErrorCode,
    message: string,
    options: { retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "EngineError";
    this.code = code;
    this.retryable = options.retryable ?? (code === "overloaded" || code === "timeout");
  }
}

/** Whether one of `languages` serves `language`: the same tag, or the same base without a region. */
export function serves(languages: readonly LanguageTag[], language: LanguageTag): boolean {
  const base = new Intl.Locale(language).language;
  return languages.some((tag) => tag === language || new Intl.Locale(tag).language === base);
}

export type LanguageIdentifier = {
  /** The likeliest of `among`; undefined when it is none of them, or can't be told. */
  identifyLanguage: (
    text: string,
    among: readonly LanguageTag[],
  ) => Promise<LanguageTag | undefined>;
  close(): Promise<void>;
};

/** Chooses among the providers: the first that is available and serves the language. */
export type EngineRegistry = {
  status(): EngineStatus[];
  recogniserFor(language: LanguageTag): Recogniser | undefined;
  translatorFor(from: LanguageTag, to: LanguageTag): Translator | undefined;
  synthesiserFor(language: LanguageTag): Synthesiser | undefined;
  /** Absent when nothing here tells languages apart. */
  identifyLanguage?: LanguageIdentifier["identifyLanguage"];
  /** Closes every engine. */
  close(): Promise<void>;
};
