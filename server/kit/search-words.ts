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

type Run =
  | { kind: "word"; word: string; start: number; end: number }
  | { kind: "dense"; letters: { letter: string; start: number; end: number }[] };

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

/** Longer words are told apart by their beginning alone: no index takes a word of any length. */
const LONGEST_WORD = 64;

/** Most words are plain, and need none of the care below. */
const plain = /^[\0-\x7f]*$/u;

/** One spelling for all that people take for the same: of width, case, accents and composition. */
function fold(text: string): string {
  if (plain.test(text)) return text.toLowerCase();
  return text
    .normalize("NFKD")
    .replace(unwritten, "")
    .normalize("NFKC")
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

function denseRun(text: string, start: number): Run {
  const found = Array.from(text.matchAll(letters), ({ 0: letter, index }) => {
    const place = { start: start + index, end: start + index + letter.length };
    return Array.from(fold(letter), (folded) => ({ letter: folded, ...place }));
  });
  return { kind: "dense", letters: found.flat() };
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
    const letters = isDense ? run.letters.map(({ letter }) => letter) : [];
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

/** What must all be found for `query` to be: each is terms that stand side by side. */
export function searchPhrases(query: string): string[][] {
  const phrases = new Map<string, string[]>();
  for (const run of runsOf(query)) {
    const phrase =
      run.kind === "word" ? [run.word] : pairs(run.letters.map(({ letter }) => letter));
    if (phrase.join("") !== "") phrases.set(phrase.join(" "), phrase);
  }
  return Array.from(phrases.values());
}

/** Gives where in a text a match is: `[start, end]` in UTF-16 code units, apart, in order. */
export type FindMatches = (text: string) => [number, number][];

/** Finds the parts of `query` in texts. */
export function createMatcher(query: string): FindMatches {
  const wanted = Array.from(runsOf(query));
  const words = new Set(wanted.map((run) => (run.kind === "word" ? run.word : "")));
  const phrases = wanted.flatMap((run) =>
    run.kind === "dense" ? [run.letters.map(({ letter }) => letter)] : [],
  );
  return (text) => findAll(text, words, phrases);
}

/** In one text. */
export function findMatches(text: string, query: string): [number, number][] {
  return createMatcher(query)(text);
}

function findAll(
  text: string,
  wantedWords: ReadonlySet<string>,
  wantedLetters: readonly string[][],
): [number, number][] {
  const found: [number, number][] = [];
  for (const run of runsOf(text)) {
    if (run.kind === "word") {
      if (run.word !== "" && wantedWords.has(run.word)) found.push([run.start, run.end]);
      continue;
    }
    for (let at = 0; at < run.letters.length; at += 1) {
      for (const letters of wantedLetters) {
        const here = letters.every((letter, index) => run.letters[at + index]?.letter === letter);
        const [first, last] = [run.letters[at], run.letters[at + letters.length - 1]];
        if (here && first && last) found.push([first.start, last.end]);
      }
    }
  }
  return join(found);
}

/** What overlaps becomes one. */
function join(ranges: readonly [number, number][]): [number, number][] {
  const joined: [number, number][] = [];
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  return joined;
}
