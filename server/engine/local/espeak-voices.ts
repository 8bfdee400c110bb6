import { baseLanguage, type LanguageTag, normaliseLanguage } from "../../../shared/language.ts";
import type { EspeakVoice } from "./espeak.ts";

/** Which voice speaks a language. */
export class EspeakVoices {
  readonly #files: ReadonlyMap<LanguageTag, string>;
  readonly languages: readonly LanguageTag[];

  constructor(voices: readonly EspeakVoice[]) {
    const best = new Map<LanguageTag, { file: string; priority: number }>();
    for (const { file, languages } of voices) {
      for (const { code, priority } of languages) {
        const tag = normaliseLanguage(code);
        const known = tag === undefined ? undefined : best.get(tag);
        if (tag !== undefined && (!known || priority < known.priority)) {
          best.set(tag, { file, priority });
        }
      }
    }
    this.#files = new Map([...best].map(([tag, { file }]) => [tag, file]));
    this.languages = [...best.keys()].sort();
  }

  /** The voice for exactly this tag, else of its language without a region, else of any region. */
  find(language: LanguageTag): string | undefined {
    const base = baseLanguage(language);
    const near = this.languages.find((tag) => baseLanguage(tag) === base);
    return (
      this.#files.get(language) ??
      this.#files.get(base) ??
      (near === undefined ? undefined : this.#files.get(near))
    );
  }
}
