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
  if (terms.length === 0) return [composed];
  const letters = readLetters(composed);
  const pieces: Piece[] = [];
  let end = 0;
  for (const { term, begins, start, stop } of findTerms(letters, treeOf(terms, letters))) {
    const found = composed.slice(start, stop);
    const { translation } = term;
    pieces.push(composed.slice(end, start), {
      translation: begins ? inCaseOf(found, translation) : translation,
    });
    end = stop;
  }
  return [...pieces, composed.slice(end)];
}

/**
 * Terms by their letters, one after the other: one walk along a text looks for all of them at once.
 * Tried one by one, a few hundred that nearly fit at every word would take seconds.
 */
type TermTree = { next: Map<number, TermTree>; term: Term | undefined };

/**
 * Of terms that are the same but for their case, the first is taken. Those with a letter that the
 * text has nowhere stay out, which are most: the tree is made for each text.
 */
function treeOf(terms: readonly Term[], text: readonly Letter[]): TermTree {
  const there = new Set(text.map(({ code }) => code));
  const root: TermTree = { next: new Map(), term: undefined };
  for (const term of terms) {
    const written = fold(term.term.normalize("NFC")).replaceAll(/\s+/gu, " ").trim();
    const codes = Array.from(written, codeOf);
    if (codes.length === 0 || !codes.every((code) => there.has(code))) continue;
    let tree = root;
    for (const code of codes) tree = branchOf(tree, code);
    tree.term ??= term;
  }
  return root;
}

function branchOf(tree: TermTree, code: number): TermTree {
  const known = tree.next.get(code);
  if (known) return known;
  const branch: TermTree = { next: new Map(), term: undefined };
  tree.next.set(code, branch);
  return branch;
}

type Letter = {
  /** Of the folded character. */
  code: number;
  /** In the text, in UTF-16 code units. */
  start: number;
  /** Writing without spaces ("dense") has no ends of words. */
  kind: "word" | "dense" | "other";
  /** Whether a sentence begins here. */
  begins: boolean;
};

/** Characters (code points) of a text; blanks that stand side by side are one. The end comes last. */
function readLetters(text: string): Letter[] {
  const letters: Letter[] = [];
  let start = 0;
  let begins = true;
  for (const letter of fold(text)) {
    const code = blank.test(letter) ? BLANK : codeOf(letter);
    if (code !== BLANK || letters.at(-1)?.code !== BLANK) {
      letters.push({ code, start, kind: kindOf(letter), begins });
    }
    if (!beforeSentence.test(letter)) begins = endOfSentence.test(letter);
    start += letter.length;
  }
  return [...letters, { code: NO_LETTER, start, kind: "other", begins }];
}

type FoundTerm = { term: Term; begins: boolean; start: number; stop: number };

/** Apart, in the order of the text; of those that begin at a letter, the longest. */
function* findTerms(letters: readonly Letter[], tree: TermTree): Generator<FoundTerm> {
  for (let at = 0; at < letters.length;) {
    const letter = letters[at];
    const found = longestAt(letters, at, tree);
    const after = found && letters[found.end];
    if (letter && after) {
      yield { term: found.term, begins: letter.begins, start: letter.start, stop: after.start };
    }
    at = found?.end ?? at + 1;
  }
}

/** Takes as many steps as the longest term has letters, at most, however many terms there are. */
function longestAt(
  letters: readonly Letter[],
  start: number,
  root: TermTree,
): { term: Term; end: number } | undefined {
  const before = letters[start - 1]?.kind ?? "other";
  if (letters[start]?.kind === "word" && before !== "other") return undefined;
  let found: { term: Term; end: number } | undefined;
  let tree: TermTree | undefined = root;
  for (let at = start; ; at += 1) {
    const letter = letters[at];
    tree = letter && tree.next.get(letter.code);
    if (!letter || !tree) return found;
    const goesOn = letter.kind === "word" && letters[at + 1]?.kind !== "other";
    if (tree.term && !goesOn) found = { term: tree.term, end: at + 1 };
  }
}

/**
 * Letters without their case, each as long as it was, so that places stay what they are. İ is two
 * letters in small ones, and is only itself here.
 */
function fold(text: string): string {
  return text.replaceAll(/[^İ]+/gu, (part) => part.toLowerCase()).replaceAll("ς", "σ");
}

function codeOf(letter: string): number {
  return letter.codePointAt(0) ?? NO_LETTER;
}

/** No character has it. */
const NO_LETTER = -1;
const BLANK = codeOf(" ");

const blank = /\s/u;
const endOfSentence = /[.!?…。！？]/u;
/** What may stand between the end of a sentence and the first word of the next. */
const beforeSentence = /[\s"'«“‘(¿¡]/u;
const inWord = /[\p{L}\p{M}\p{N}]/u;
const dense =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

function kindOf(letter: string): Letter["kind"] {
  if (!inWord.test(letter)) return "other";
  return dense.test(letter) ? "dense" : "word";
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
  let used = 0;
  for (const { 1: tail = "" } of text.matchAll(/zq(x*)/giu)) used = Math.max(used, tail.length);
  return `Zq${"x".repeat(used + 1)}`;
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
      const before = piece.slice(0, piece.length - piece.trimStart().length);
      const after = piece.slice(piece.trimEnd().length);
      const text = piece.trim();
      const translated = await translator.translate({ ...request, text });
      parts.push(`${before}${translated.trim()}${after}`);
    } else parts.push(piece);
  }
  return parts.join("");
}
