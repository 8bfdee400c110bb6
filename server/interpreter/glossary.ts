import { type LanguageTag, sameLanguage } from "../../shared/language.ts";
import type { EngineRegistry, TranslationRequest, Translator } from "./engines.ts";

export type Term = { term: string; translation: string };

/** What must be translated by what, from one language to another. */
export type Glossary = readonly {
  readonly from: LanguageTag;
  readonly to: LanguageTag;
  readonly terms: readonly Term[];
}[];

export type GlossaryPort = () => Promise<Glossary>;

/** Engines whose translators keep to a glossary, as it is at the moment of each translation. */
export function withGlossary(engines: EngineRegistry, read: GlossaryPort): EngineRegistry {
  let known: Glossary = [];
  const newest = async () => {
    try {
      known = await read();
    } catch {
      // What it was before is better than no translation at all.
    }
    return known;
  };
  return {
    status: () => engines.status(),
    recogniserFor: (language) => engines.recogniserFor(language),
    synthesiserFor: (language) => engines.synthesiserFor(language),
    identifyLanguage: engines.identifyLanguage,
    close: () => engines.close(),
    translatorFor(from, to) {
      const translator = engines.translatorFor(from, to);
      return translator && keepToGlossary(translator, newest);
    },
  };
}

function keepToGlossary(translator: Translator, read: GlossaryPort): Translator {
  return {
    provider: translator.provider,
    availability: translator.availability,
    pairs: translator.pairs,
    supports: (from, to) => translator.supports(from, to),
    warm: (from, to) => translator.warm(from, to),
    close: () => translator.close(),
    translate: async (request) =>
      translateWith(translator, request, termsFor(await read(), request.from, request.to)),
  };
}

/** Those for these very languages come before those for what is understood alike. */
function termsFor(glossary: Glossary, from: LanguageTag, to: LanguageTag): Term[] {
  const alike = glossary.filter(
    (pair) => sameLanguage(pair.from, from) && sameLanguage(pair.to, to),
  );
  const exact = (pair: Glossary[number]) => Number(pair.from === from) + Number(pair.to === to);
  return alike.toSorted((a, b) => exact(b) - exact(a)).flatMap(({ terms }) => terms);
}

/**
 * Translates with terms put in as the glossary has them. A translator gets a made-up name in the place
 * of each, which it has nothing to say about; one that loses a name gets what is between the terms.
 */
export async function translateWith(
  translator: Pick<Translator, "translate">,
  request: TranslationRequest,
  terms: readonly Term[],
): Promise<string> {
  const pieces = cut(request.text, terms);
  if (!pieces.some(isTerm)) return translator.translate(request);
  const prefix = unusedPrefix(request.text);
  const masked = pieces
    .map((piece, index) => (isTerm(piece) ? `${prefix}${index}` : piece))
    .join("");
  const translated = await translator.translate({ ...request, text: masked });
  return (
    fillIn(translated, prefix, pieces) ?? (await translateBetween(translator, request, pieces))
  );
}

type Piece = string | { translation: string };

const isTerm = (piece: Piece): piece is { translation: string } => typeof piece !== "string";

/** The text in pieces, of which those that are terms have their translation instead. */
function cut(text: string, terms: readonly Term[]): Piece[] {
  const composed = text.normalize("NFC");
  const byKey = new Map<string, Term>();
  for (const term of terms) {
    const key = toKey(term.term);
    if (!byKey.has(key)) byKey.set(key, term);
  }
  if (byKey.size === 0) return [composed];
  const pieces: Piece[] = [];
  let end = 0;
  for (const { 0: found, index } of composed.matchAll(anyOf(Array.from(byKey.values())))) {
    const translation = byKey.get(toKey(found))?.translation;
    if (translation === undefined) continue;
    const begins = /(^|[.!?…。！？])[\s"'«“‘(¿¡]*$/u.test(composed.slice(0, index));
    pieces.push(composed.slice(end, index), {
      translation: begins ? inCaseOf(found, translation) : translation,
    });
    end = index + found.length;
  }
  return [...pieces, composed.slice(end)];
}

function toKey(term: string): string {
  return term.normalize("NFC").toLowerCase().replaceAll(/\s+/gu, " ").trim();
}

/** Writing without spaces has no ends of words. */
const dense =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;
const inWord = "[\\p{L}\\p{M}\\p{N}]";

/** What means something in an expression. */
const syntax = /[\\^$.*+?()[\]{}|/]/gu;

/**
 * Whole words, whatever their case; the longest that fits. The terms are as they were written: some
 * letters are two in lower case, such as İ, which an expression doesn't take for the same.
 */
function anyOf(terms: readonly Term[]): RegExp {
  const patterns = terms
    .map(({ term }) => term.normalize("NFC").trim())
    .toSorted((a, b) => b.length - a.length)
    .map((term) => {
      const [first = "", last = ""] = [Array.from(term)[0], Array.from(term).at(-1)];
      const words = term.split(/\s+/u).map((word) => word.replaceAll(syntax, "\\$&"));
      const before = wordLike(first) ? `(?<!${inWord})` : "";
      const after = wordLike(last) ? `(?!${inWord})` : "";
      return `${before}${words.join("\\s+")}${after}`;
    });
  return new RegExp(patterns.join("|"), "giu");
}

function wordLike(character: string): boolean {
  return new RegExp(inWord, "u").test(character) && !dense.test(character);
}

/** At the beginning of a sentence a word has another case than in the glossary. */
function inCaseOf(found: string, translation: string): string {
  const [first, second] = [found.charAt(0), found.charAt(1)];
  const capital = first !== first.toLowerCase() && second === second.toLowerCase();
  const plain = translation === translation.toLowerCase();
  return capital && plain
    ? translation.charAt(0).toUpperCase() + translation.slice(1)
    : translation;
}

/** Begins names that mean nothing to anybody, and that are nowhere in the text. */
function unusedPrefix(text: string): string {
  for (let length = 1; ; length += 1) {
    const prefix = `Zq${"x".repeat(length)}`;
    if (!text.toLowerCase().includes(prefix.toLowerCase())) return prefix;
  }
}

/** Undefined when a name is missing, or is there twice. */
function fillIn(translated: string, prefix: string, pieces: readonly Piece[]): string | undefined {
  const seen = new Set<number>();
  let twice = false;
  const filled = translated.replaceAll(
    new RegExp(`${prefix}(\\d+)`, "giu"),
    (name, digits: string) => {
      const index = Number(digits);
      const piece = pieces[index];
      if (piece === undefined || !isTerm(piece)) return name;
      twice ||= seen.has(index);
      seen.add(index);
      return piece.translation;
    },
  );
  return twice || seen.size < pieces.filter(isTerm).length ? undefined : filled;
}

async function translateBetween(
  translator: Pick<Translator, "translate">,
  request: TranslationRequest,
  pieces: readonly Piece[],
): Promise<string> {
  const parts: string[] = [];
  for (const piece of pieces) {
    if (isTerm(piece)) parts.push(piece.translation);
    else if (/[\p{L}\p{N}]/u.test(piece)) {
      // The blanks around it are what keeps it apart from the terms.
      const [, before = "", text = "", after = ""] = /^(\s*)(.*?)(\s*)$/su.exec(piece) ?? [];
      const translated = await translator.translate({ ...request, text });
      parts.push(`${before}${translated.trim()}${after}`);
    } else parts.push(piece);
  }
  return parts.join("");
}
