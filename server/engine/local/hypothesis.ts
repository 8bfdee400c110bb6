import { sentenceCase } from "./sentence-case.ts";

/** What is no word: silence, noise and sentence marks, and the number of a pronunciation. */
const marks = /<\/?s(?:il)?>|\[[^\]\s]*\]|\+\+[^+\s]*\+\+|\(\d+\)/gi;

/** Makes text that people read out of what the decoder writes. */
export function readable(hypothesis: string): string {
  const words = hypothesis.replace(marks, "").split(/\s+/).filter(Boolean);
  return sentenceCase(words.map(plainSpelling).join(" "));
}

/** The dictionary writes spelt letters with a full stop (`b.`), and titles with and without. */
function plainSpelling(word: string): string {
  return /^[a-z]\.(?:'?s)?$/.test(word)
    ? word.toUpperCase().replace(".", "").replace("S", "s")
    : word;
}
