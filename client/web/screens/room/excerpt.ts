export type Match = readonly [start: number, end: number];
export type TextPart = { text: string; isMatch: boolean; start: number };

/** Characters (UTF-16 code units) that are shown before the first place found. */
const BEFORE = 40;
/** Characters that are shown in all. */
const LENGTH = 220;

/** A text in parts that were found, and parts between them. */
export function partsOf(text: string, matches: readonly Match[]): TextPart[] {
  const parts: TextPart[] = [];
  let at = 0;
  const add = (end: number, isMatch: boolean) => {
    if (end > at) parts.push({ text: text.slice(at, end), isMatch, start: at });
    at = Math.max(at, end);
  };
  for (const [start, end] of matches) {
    add(start, false);
    add(end, true);
  }
  add(text.length, false);
  return parts;
}

/** As much of a text as shows what was found in it, with the places found there. */
export function excerptOf(
  text: string,
  matches: readonly Match[],
): { text: string; matches: Match[] } {
  const first = matches[0]?.[0] ?? 0;
  const from = text.length <= LENGTH ? 0 : wholeFrom(text, Math.max(0, first - BEFORE));
  const to = wholeFrom(text, Math.min(text.length, from + LENGTH));
  const lead = from > 0 ? "…" : "";
  const shift = lead.length - from;
  return {
    text: `${lead}${text.slice(from, to)}${to < text.length ? "…" : ""}`,
    matches: matches
      .filter(([start]) => start >= from && start < to)
      .map(([start, end]): Match => [start + shift, Math.min(end, to) + shift]),
  };
}

/** Not inside of a surrogate pair. */
function wholeFrom(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff ? index + 1 : index;
}
