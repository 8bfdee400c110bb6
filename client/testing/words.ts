/** How well a text was recognised. `accuracy` is 1 minus the word error rate, and not below 0. */
export type WordAccuracy = { accuracy: number; errors: number; words: number };

/** Lower case, without punctuation: how a text sounds is all that a recogniser can know. */
export function spokenWords(text: string): string[] {
  return (
    text
      .normalize("NFC")
      .toLowerCase()
      .replaceAll("’", "'")
      .match(/[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}\p{N}]+)*/gu) ?? []
  );
}

/**
 * Compares what was recognised with what was said, by the fewest words that have to be replaced,
 * left out or put in.
 */
export function wordAccuracy(said: string, recognised: string): WordAccuracy {
  const [reference, heard] = [spokenWords(said), spokenWords(recognised)];
  let previous = Array.from({ length: heard.length + 1 }, (_, column) => column);
  for (const [row, word] of reference.entries()) {
    const current = [row + 1];
    for (const [column, other] of heard.entries()) {
      const replaced = (previous[column] ?? 0) + (word === other ? 0 : 1);
      const leftOut = (previous[column + 1] ?? 0) + 1;
      const putIn = (current[column] ?? 0) + 1;
      current.push(Math.min(replaced, leftOut, putIn));
    }
    previous = current;
  }
  const errors = previous.at(-1) ?? 0;
  const words = reference.length;
  return { errors, words, accuracy: words === 0 ? 0 : Math.max(0, 1 - errors / words) };
}
