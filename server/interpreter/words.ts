import { baseLanguage, type LanguageTag } from "../../shared/language.ts";

/**
 * The least piece of text that is compared and counted: a word, or a character (grapheme) in scripts
 * that write no spaces. Punctuation belongs to what it follows.
 */
export type Unit = {
  text: string;
  /** A space stands between it and what is before it. */
  spaced: boolean;
  /** For comparison: without case and punctuation. */
  key: string;
};

const SPACELESS = new Set(["zh", "ja", "th", "lo", "km", "my", "yue", "wuu"]);

export function isSpaceless(language: LanguageTag): boolean {
  return SPACELESS.has(baseLanguage(language));
}

export type TextRules = {
  split(text: string): Unit[];
  join(units: readonly Unit[]): string;
  /** The largest index up to `index` at which no word of `units` is cut. */
  wordBoundary(units: readonly Unit[], index: number): number;
};

const keyOf = (text: string) =>
  text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, "");

/** Joins units as they stood in their text. */
function join(units: readonly Unit[]): string {
  return units
    .map(({ text, spaced }) => (spaced ? ` ${text}` : text))
    .join("")
    .trim();
}

/** How texts of a language are cut into units and put together again. */
export function textRules(language: LanguageTag): TextRules {
  const spaceless = isSpaceless(language);
  const graphemes = new Intl.Segmenter(language, { granularity: "grapheme" });
  const words = new Intl.Segmenter(language, { granularity: "word" });

  function pieces(text: string): string[] {
    if (!spaceless) return text.match(/\s+|\S+/gu) ?? [];
    return Array.from(graphemes.segment(text), ({ segment }) => segment);
  }

  return {
    split(text) {
      const units: Unit[] = [];
      let spaced = false;
      for (const piece of pieces(text)) {
        if (piece.trim() === "") {
          spaced = units.length > 0;
          continue;
        }
        const key = keyOf(piece);
        const before = units.at(-1);
        if (key === "" && before) before.text += spaced ? ` ${piece}` : piece;
        else units.push({ text: piece, spaced: spaced || !spaceless, key });
        spaced = false;
      }
      return units;
    },
    join,
    wordBoundary(units, index) {
      if (!spaceless || index >= units.length) return Math.min(index, units.length);
      // Positions in the text at which each unit ends, without the spaces.
      const ends = new Map<number, number>();
      let length = 0;
      for (const [unit, { text }] of units.entries()) {
        length += text.length;
        ends.set(length, unit + 1);
      }
      let boundary = 0;
      for (const { index: at, segment } of words.segment(units.map(({ text }) => text).join(""))) {
        const unit = ends.get(at + segment.length);
        if (unit !== undefined && unit <= index) boundary = unit;
      }
      return boundary;
    },
  };
}
