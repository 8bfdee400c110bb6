import { type CaptionEvent, type CaptionNotice, type CaptionSpeaker } from "../../shared/call.ts";
import { type LanguageTag } from "../../shared/language.ts";
import { type Bus, defineTopic } from "../bus/bus.ts";
import { type Clause, type Committed, type TranslatedClause } from "../interpreter/speech.ts";

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

/** Languages that no engine serves. */
type Missing = {
  notice: Extract<CaptionNotice, "translator-unavailable" | "synthesiser-unavailable">;
  language: LanguageTag;
};

export type SpeakerCaptionsOptions = {
  bus: Bus;
  roomId: string;
  speaker: CaptionSpeaker;
  language: LanguageTag;
};

/** Publishes all that readers see of one speaker. */
export class SpeakerCaptions {
  readonly #options: SpeakerCaptionsOptions;
  /** Translations of the utterance that is being said, by language. */
  readonly #translations = new Map<LanguageTag, { utteranceId: string; text: string }>();
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
    const { speaker, language } = this.#options;
    const { utteranceId } = part;
    const common = { utteranceId, speaker, language, startedAt: iso(part.startedAt) };
    // A final supersedes the partials that still wait for a slow reader, as a newer partial does.
    const replaces = `partial:${utteranceId}`;
    if (part.type === "partial") {
      const { stable, unstable } = part;
      this.#unfinished = { type: "partial", ...common, stable, unstable };
      this.#publish(this.#unfinished, replaces);
      return;
    }
    this.#unfinished = undefined;
    const { text, cut } = part;
    this.#publish({ type: "final", ...common, endedAt: iso(part.endedAt), text, cut }, replaces);
    if (part.error !== undefined) this.notice("recognition-failed");
  }

  translated({ clause, to, text, error }: TranslatedClause): void {
    if (error !== undefined) this.notice("translation-failed", to);
    const before = this.#translations.get(to);
    const joined = before?.utteranceId === clause.utteranceId ? joinText(before.text, text) : text;
    if (clause.last) this.#translations.delete(to);
    else this.#translations.set(to, { utteranceId: clause.utteranceId, text: joined });
    if (joined === "") return;
    this.#publish({
      type: "translation",
      utteranceId: clause.utteranceId,
      speaker: this.#options.speaker,
      language: to,
      text: joined,
      final: clause.last,
    });
  }

  /** The voice has begun to say `clause`. */
  voiced(clause: Clause, language: LanguageTag, rate: number): void {
    const lagMs = Math.max(0, Math.round(performance.now() - clause.endedAt));
    const { utteranceId } = clause;
    const { speaker } = this.#options;
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
    const { speaker } = this.#options;
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
      this.#publish({ type: "final", ...common, endedAt, text, cut: true }, replaces);
      this.#unfinished = undefined;
    }
    const { speaker } = this.#options;
    for (const [language, translation] of this.#translations) {
      this.#publish({ type: "translation", speaker, language, ...translation, final: true });
    }
    this.#translations.clear();
  }

  #publish(event: CaptionEvent, replaces?: string): void {
    this.#options.bus.publish(captionTopic, this.#options.roomId, event, { replaces });
  }
}
