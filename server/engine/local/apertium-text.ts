/** Apertium's stream format gives meaning to these; a backslash takes it away. */
const special = /[\\[\]{}^$/@<>]/g;

/**
 * Text as one block of apertium's stream. A block ends with NUL, so the text may hold none. The
 * full stop gives the tagger the end of a sentence, and the empty blank after it marks the stop as
 * not the speaker's.
 */
export function toStream(text: string): string {
  return `${text.toWellFormed().replaceAll("\0", " ").replace(special, "\\$&")}.[]\0`;
}

export function fromStream(block: string): string {
  return block
    .replace(/\.?\[\]\s*$/, "")
    .replace(/\\(.)/gs, "$1")
    .replace(/ {2,}/g, " ")
    .trim();
}

const longestPiece = 600;

/**
 * Sentences, in pieces that take a few milliseconds each, so that a long text shares the pipeline.
 * Joined with nothing between, they are the text.
 */
export function pieces(text: string): string[] {
  const found: string[] = [];
  let rest = text;
  while (rest.length > longestPiece) {
    const head = rest.slice(0, longestPiece);
    const cut =
      Math.max(head.lastIndexOf(". "), head.lastIndexOf("? "), head.lastIndexOf("! ")) + 1 ||
      Math.max(head.lastIndexOf(" "), head.lastIndexOf("\n")) ||
      head.length;
    // Never between the halves of a surrogate pair.
    const end = cut > 0 && isHighSurrogate(rest, cut - 1) ? cut - 1 : Math.max(cut, 1);
    found.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return [...found, rest];
}

function isHighSurrogate(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 0xd800 && code < 0xdc00;
}
