import type { CaptionEvent, CaptionNotice, CaptionSpeaker } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import { type Bus, defineTopic } from "../bus/bus.ts";
import type { Clause, Committed, TranslatedClause } from "../interpreter/speech.ts";

/** About ten minutes of a lively room: what a reader whose connection was cut can catch up on. */
export const captionTopic = defineTopic<CaptionEvent>("captions", { retain: 1000 });

const keyOf = ({ notice, language }: Missing) => `${notice}:${language}`;

const iso = (at: number) => new Date(performance.timeOrigin + at).toISOString();

/** Joins two pieces of text the way the script does: with a space, unless it has none. */
export function joinText(before: string, after: string): string {
  if (before === "" || after === "") return before + after;
  const spaceless = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u;
  return spaceless.test(before) ? before + after : `${before} ${after}`;
}

type Spoken = Extract<CaptionEvent, { type: "partial" | "final" }>;

/** Languages that no engine serves. */
type Missing = {
  notice: Extract<CaptionNotice, "translator-unavailable" | "synthesiser-unavailable">;
  language: LanguageTag;
};

export type SpeakerCaptionsOptions = {
  bus: Bus;
  roomId: string;
  /** By the name that they go by at the moment. */
  speaker: () => CaptionSpeaker;
  language: LanguageTag;
  /** Is given what may be kept, as readers see it: no translation of which the beginning is missing. */
  record: RecordCaption;
};

export type RecordCaption = (roomId: string, event: CaptionEvent) => void;

/** What has been translated of the utterance that is being said. */
type Translated = {
  utteranceId: string;
  text: string;
  /** From its first clause on. */
  complete: boolean;
};

/** Publishes all that readers see of one speaker. */
export class SpeakerCaptions {
  readonly #options: SpeakerCaptionsOptions;
  /** Translations of the utterance that is being said, by language. */
  readonly #translations = new Map<LanguageTag, Translated>();
  /** What can't be had of this speaker at all, as readers were told. */
  readonly #missing = new Map<string, Missing>();
  /** What was shown last of an utterance that has no final yet. */
  #unfinished: Extract<CaptionEvent, { type: "partial" }> | undefined;

  constructor(options: SpeakerCaptionsOptions) {
    this.#options = options;
  }

  /** What the speaker speaks. */
  get language(): LanguageTag {
    return this.#options.language;
  }

  committed(part: Exclude<Committed, { type: "clause" }>): void {
    const { language } = this.#options;
    const { utteranceId } = part;
    const speaker = this.#options.speaker();
    const common = { utteranceId, speaker, language, startedAt: iso(part.startedAt) };
    // A final supersedes the partials that still wait for a slow reader, as a newer partial does.
    const replaces = `partial:${utteranceId}`;
    if (part.type === "partial") {
      const { stable, unstable } = part;
      this.#unfinished = { type: "partial", ...common, stable, unstable };
      this.#publishSpoken(this.#unfinished, replaces);
      return;
    }
    this.#unfinished = undefined;
    const { text, cut } = part;
    const endedAt = iso(part.endedAt);
    this.#publishSpoken({ type: "final", ...common, endedAt, text, cut }, replaces);
    if (part.error !== undefined) this.notice("recognition-failed");
  }

  translated({ clause, to, text, error }: TranslatedClause): void {
    if (error !== undefined) this.notice("translation-failed", to);
    const { utteranceId } = clause;
    const last = this.#translations.get(to);
    const before = last?.utteranceId === utteranceId ? last : undefined;
    const joined = before ? joinText(before.text, text) : text;
    const complete = (before?.complete ?? clause.index === 0) && error === undefined;
    if (clause.last) this.#translations.delete(to);
    else this.#translations.set(to, { utteranceId, text: joined, complete });
    if (joined === "") return;
    this.#publishTranslation(to, { utteranceId, text: joined, complete }, clause.last);
  }

  /** The voice has begun to say `clause`. */
  voiced(clause: Clause, language: LanguageTag, rate: number): void {
    const lagMs = Math.max(0, Math.round(performance.now() - clause.endedAt));
    const { utteranceId } = clause;
    const speaker = this.#options.speaker();
    this.#publish({ type: "voice", utteranceId, speaker, language, lagMs, rate });
  }

  /** Said now, and again to readers who come while it lasts. */
  missing(missing: Missing): void {
    this.#missing.set(keyOf(missing), missing);
    this.notice(missing.notice, missing.language);
  }

  found(missing: Missing): void {
    this.#missing.delete(keyOf(missing));
  }

  repeatMissing(): void {
    for (const { notice, language } of this.#missing.values()) this.notice(notice, language);
  }

  notice(notice: CaptionNotice, language?: LanguageTag): void {
    const speaker = this.#options.speaker();
    // However often it is said again, it takes no captions' place.
    const replaces = `notice:${speaker.accountId}:${notice}:${language ?? ""}`;
    this.#publish({ type: "notice", speaker, language, notice }, replaces);
  }

  /** Nothing follows: what was cut off in the middle stays as it was shown last, and is marked. */
  end(): void {
    if (this.#unfinished) {
      const { stable, unstable, type: _, ...common } = this.#unfinished;
      const text = joinText(stable, unstable);
      const endedAt = iso(performance.now());
      const replaces = `partial:${common.utteranceId}`;
      this.#publishSpoken({ type: "final", ...common, endedAt, text, cut: true }, replaces);
      this.#unfinished = undefined;
    }
    for (const [language, translated] of this.#translations) {
      // What is left of the utterance will not be translated any more.
      this.#publishTranslation(language, { ...translated, complete: false }, true);
    }
    this.#translations.clear();
  }

  #publishTranslation(language: LanguageTag, translated: Translated, final: boolean): void {
    const { roomId, record } = this.#options;
    const speaker = this.#options.speaker();
    const { utteranceId, text, complete } = translated;
    const event = { type: "translation", utteranceId, speaker, language, text, final } as const;
    this.#publish(event);
    if (complete) record(roomId, event);
  }

  /** Of what was said itself. */
  #publishSpoken(event: Spoken, replaces: string): void {
    this.#publish(event, replaces);
    this.#options.record(this.#options.roomId, event);
  }

  #publish(event: CaptionEvent, replaces?: string): void {
    this.#options.bus.publish(captionTopic, this.#options.roomId, event, { replaces });
  }
}
