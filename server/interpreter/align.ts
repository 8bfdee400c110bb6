import type { Unit } from "./words.ts";

/**
 * How many units of `text` say what `committed` already says: what follows is the remainder. The
 * recogniser may have changed its mind about the committed words meanwhile; then the two are aligned,
 * so that no word is said twice and none is left out.
 */
export function coveredBy(committed: readonly Unit[], text: readonly Unit[]): number {
  let same = 0;
  while (same < committed.length && committed[same]?.key === text[same]?.key) same += 1;
  return same + bestPrefix(committed.slice(same), text.slice(same));
}

const MATCH = 2;
const GAP = -1;
/** Units that two versions of a text may be apart. Keeps long utterances cheap: they change locally. */
const BAND = 16;

/**
 * The prefix of `text` that aligns best with all of `committed`: equal words count most, similar ones
 * may stand for each other. Of equally good prefixes the one nearest in length is taken.
 */
function bestPrefix(committed: readonly Unit[], text: readonly Unit[]): number {
  const width = text.length + 1;
  let row = Array.from({ length: width }, (_, index) => index * GAP);
  for (const [place, unit] of committed.entries()) {
    const next = Array.from({ length: width }, () => -Infinity);
    next[0] = (row[0] ?? 0) + GAP;
    const end = Math.min(width, place + BAND + 1);
    // The last column stays in the band: a text that got much shorter ends there.
    const start = Math.max(1, Math.min(place - BAND, width - 1));
    for (let index = start; index < end; index += 1) {
      const other = text[index - 1]?.key ?? "";
      const same = other === unit.key ? MATCH : similarity(unit.key, other) - 1;
      next[index] = Math.max(
        (row[index - 1] ?? -Infinity) + same,
        (row[index] ?? -Infinity) + GAP,
        (next[index - 1] ?? -Infinity) + GAP,
      );
    }
    row = next;
  }
  let best = 0;
  const distance = (index: number) => Math.abs(index - committed.length);
  for (const [index, score] of row.entries()) {
    const lead = score - (row[best] ?? 0);
    if (lead > 1e-9 || (lead > -1e-9 && distance(index) < distance(best))) best = index;
  }
  return best;
}

/** 1 for equal words, 0 for words without a letter in common. */
function similarity(left: string, right: string): number {
  const longest = Math.max(left.length, right.length);
  if (longest === 0) return 1;
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const change = left[i - 1] === right[j - 1] ? 0 : 1;
      next.push(Math.min((row[j - 1] ?? 0) + change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return 1 - (row[right.length] ?? 0) / longest;
}
