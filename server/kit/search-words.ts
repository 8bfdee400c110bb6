/** What a text is found by, as the index of every database gets it. */
export type SearchTerms = {
  /**
   * In the order of the text. Terms of one run stand side by side; between runs there is a gap, so
   * that no phrase is found which goes over it.
   */
  runs: string[][];
  /** Each single character, once, of writing that has no spaces: what is found by one character. */
  letters: string[];
};

type WordRun = { kind: "word"; word: string; start: number; end: number };
/** A letter is one character (code point) of the folded text. */
type DenseRun = { kind: "dense"; letters: { letter: string; start: number; end: number }[] };
type Run = WordRun | DenseRun;

/** Letters, marks and digits, with the invisible characters that may stand inside of words. */
const words = /[\p{L}\p{M}\p{N}\p{Cf}]+/gu;

/** Writing without spaces between words, and Korean, whose words take endings without end. */
const dense =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}\p{scx=Tibetan}\p{scx=Yi}]+/gu;

/** What becomes one character when it is normalised: Korean syllables, marks, narrow kana. */
const letters =
  /[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|[^\p{M}\uff9e\uff9f][\p{M}\uff9e\uff9f]*|\p{M}/gu;

/** Accents, and the points, vowel signs and dashes that Hebrew and Arabic are mostly written without. */
const unwritten =
  /\u0640|[\p{Cf}\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u064b-\u065f\u0670]/gu;

/** What some letters and numbers are written out with, such as ⑴ as (1): nothing that splits a word. */
const unsaid = /[\0-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]/gu;

/** Longer words are told apart by their beginning alone: no index takes a word of any length. */
const LONGEST_WORD = 64;
/** Longer phrases of writing without spaces are looked for by their beginning alone, too. */
const LONGEST_PHRASE = 32;

/** Most words are plain, and need none of the care below. */
const plain = /^[\0-\x7f]*$/u;

/** One spelling for all that people take for the same: of width, case, accents and composition. */
function fold(text: string): string {
  if (plain.test(text)) return text.toLowerCase();
  return text
    .normalize("NFKD")
    .replace(unwritten, "")
    .normalize("NFKC")
    .replace(unsaid, "")
    .toLowerCase()
    .replaceAll("ς", "σ")
    .replaceAll("ß", "ss");
}

function foldWord(text: string): string {
  if (text.length <= LONGEST_WORD && plain.test(text)) return text.toLowerCase();
  return Array.from(fold(text)).slice(0, LONGEST_WORD).join("");
}

function* runsOf(text: string): Generator<Run> {
  for (const { 0: word, index } of text.matchAll(words)) {
    if (plain.test(word)) {
      yield wordRun(word, index);
      continue;
    }
    let done = 0;
    for (const { 0: letters, index: inside } of word.matchAll(dense)) {
      if (inside > done) yield wordRun(word.slice(done, inside), index + done);
      yield denseRun(letters, index + inside);
      done = inside + letters.length;
    }
    if (done < word.length) yield wordRun(word.slice(done), index + done);
  }
}

function wordRun(text: string, start: number): Run {
  return { kind: "word", word: foldWord(text), start, end: start + text.length };
}

/** Folding takes longer than all else, and people write with a few thousand letters. */
const folds = new Map<string, readonly string[]>();
const FOLDS = 20_000;

function foldLetter(whole: string): readonly string[] {
  const known = folds.get(whole);
  if (known) return known;
  const folded = Array.from(fold(whole));
  // A letter may have any number of marks.
  if (whole.length > 4) return folded;
  if (folds.size >= FOLDS) folds.clear();
  folds.set(whole, folded);
  return folded;
}

function denseRun(text: string, start: number): Run {
  const found: DenseRun["letters"] = [];
  for (const { 0: whole, index } of text.matchAll(letters)) {
    for (const letter of foldLetter(whole)) {
      found.push({ letter, start: start + index, end: start + index + whole.length });
    }
  }
  return { kind: "dense", letters: found };
}

function lettersOf({ letters }: DenseRun): string[] {
  return letters.map(({ letter }) => letter);
}

/** Overlapping pairs; the letter itself when there is only one. */
function pairs(letters: readonly string[]): string[] {
  if (letters.length < 2) return letters.slice();
  return letters.slice(1).map((letter, index) => `${letters[index]}${letter}`);
}

/** Words as they are, writing without spaces as overlapping pairs of characters. */
export function searchTerms(text: string): SearchTerms {
  const runs: string[][] = [];
  const single = new Set<string>();
  let wasDense = true;
  for (const run of runsOf(text)) {
    const isDense = run.kind === "dense";
    const letters = isDense ? lettersOf(run) : [];
    const terms = isDense ? pairs(letters) : [run.word];
    for (const letter of letters) single.add(letter);
    // A letter that stands alone is found as such.
    if (terms.join("") === "" || letters.length === 1) continue;
    // No phrase is made of words, so that only pairs have to be kept from pairs.
    if (isDense && wasDense) runs.push([]);
    if (runs.length === 0) runs.push([]);
    runs.at(-1)?.push(...terms);
    wasDense = isDense;
  }
  return { runs, letters: Array.from(single) };
}

/** What is looked for: words, and phrases of writing without spaces. */
function takeApart(query: string): { words: Set<string>; phrases: Set<string> } {
  const words = new Set<string>();
  const phrases = new Set<string>();
  for (const run of runsOf(query)) {
    if (run.kind === "word") words.add(run.word);
    else phrases.add(lettersOf(run).slice(0, LONGEST_PHRASE).join(""));
  }
  words.delete("");
  phrases.delete("");
  return { words, phrases };
}

/** What must all be found for `query` to be: each is terms that stand side by side. */
export function searchPhrases(query: string): string[][] {
  const { words, phrases } = takeApart(query);
  const all = Array.from(phrases);
  // Where a longer one is found, so is what it holds: no index looks for that, too.
  const longest = all.filter((one) => !all.some((other) => other !== one && other.includes(one)));
  return [
    ...Array.from(words, (word) => [word]),
    ...longest.map((phrase) => pairs(Array.from(phrase))),
  ];
}

/** Matches of one text that are given: more of them nobody looks at. */
export const MATCH_LIMIT = 100;

/**
 * Gives where in a text a match is: `[start, end]` in UTF-16 code units, apart, in order; the first of
 * them, where there are many.
 */
export type FindMatches = (text: string) => [number, number][];

/** Finds the parts of `query` in texts. */
export function createMatcher(query: string): FindMatches {
  const { words, phrases } = takeApart(query);
  return (text) => findAll(text, words, phrases);
}

/** In one text. */
export function findMatches(text: string, query: string): [number, number][] {
  return createMatcher(query)(text);
}

/** Takes about as long as the text is, also when text and query are one letter over and over. */
function findAll(
  text: string,
  wantedWords: ReadonlySet<string>,
  wantedPhrases: ReadonlySet<string>,
): [number, number][] {
  const found: [number, number][] = [];
  for (const run of runsOf(text)) {
    if (run.kind === "dense") found.push(...findPhrases(run, wantedPhrases));
    else if (wantedWords.has(run.word)) found.push([run.start, run.end]);
    if (found.length >= MATCH_LIMIT) break;
  }
  return found.slice(0, MATCH_LIMIT);
}

function findPhrases({ letters }: DenseRun, phrases: ReadonlySet<string>): [number, number][] {
  let line = "";
  /** Where in the text the letters are that begin, and that end, at a place of the line. */
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { letter, start, end } of letters) {
    starts[line.length] = start;
    line += letter;
    ends[line.length] = end;
  }
  const found: [number, number][] = [];
  for (const phrase of phrases) {
    const places: [number, number][] = [];
    for (let at = line.indexOf(phrase); at >= 0; at = line.indexOf(phrase, at + 1)) {
      add(places, [starts[at] ?? 0, ends[at + phrase.length] ?? 0]);
      // One more than is given, so that what overlaps the last of those is whole.
      if (places.length > MATCH_LIMIT) break;
    }
    found.push(...places);
  }
  const joined: [number, number][] = [];
  for (const range of found.toSorted((a, b) => a[0] - b[0])) add(joined, range);
  return joined;
}

/** What overlaps becomes one. The ranges come in the order in which they begin. */
function add(ranges: [number, number][], [start, end]: readonly [number, number]): void {
  const last = ranges.at(-1);
  if (last && start < last[1]) last[1] = Math.max(last[1], end);
  else ranges.push([start, end]);
}
