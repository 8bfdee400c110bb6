import type { LanguageTag } from "../../../shared/language.ts";

/** UTF-16 units. About 12 s of speech, made in 30 ms: others need not wait longer than that. */
const longestPiece = 200;

/** Text in sentences, or parts of them when they are long, as they are spoken one by one. */
export function speechPieces(text: string, language: LanguageTag): string[] {
  // Control characters, and NUL above all, would end the text for a C library.
  const plain = text.toWellFormed().replaceAll(/\p{Cc}+/gu, " ");
  const sentences = new Intl.Segmenter(language, { granularity: "sentence" }).segment(plain);
  return [...sentences]
    .flatMap(({ segment }) => shorten(segment))
    .map((piece) => piece.trim())
    .filter((piece) => piece !== "");
}

function shorten(sentence: string): string[] {
  const found: string[] = [];
  let rest = sentence;
  while (rest.length > longestPiece) {
    const head = rest.slice(0, longestPiece);
    const clause = Math.max(
      ...[", ", "; ", ": ", "、", "，"].map((mark) => head.lastIndexOf(mark)),
    );
    const space = head.lastIndexOf(" ");
    // A mark near the start would leave a crumb.
    const cut = clause > longestPiece / 3 ? clause + 1 : space > 0 ? space : wholeCharacters(head);
    found.push(rest.slice(0, cut));
    rest = rest.slice(cut);
  }
  return [...found, rest];
}

/** The length without a last character that is cut in half. */
function wholeCharacters(text: string): number {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last < 0xdc00 ? text.length - 1 : text.length;
}
