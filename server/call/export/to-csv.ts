import { stringify } from "csv-stringify/sync";
import type { LanguageTag } from "../../../shared/language.ts";
import type { Cue } from "./export-cue.ts";

/** A line of headings, then a line for each cue. `languages`: a column for each of them. */
export function csvHead(languages: readonly LanguageTag[]): string {
  const columns = ["id", "start", "end", "speaker", "spoken", "language", "text"];
  // Without the mark at the beginning, spreadsheets take the text for Latin-1.
  return `\ufeff${lines([[...columns, ...languages, "cut", "corrected"]])}`;
}

export function toCsv(cue: Cue, languages: readonly LanguageTag[]): string {
  const { caption, main, translations } = cue;
  const { id, startedAt, endedAt, speaker } = caption;
  const texts = languages.map(
    (language) => translations.find((one) => one.language === language)?.text ?? "",
  );
  const said = [speaker.name, caption.language, main.language, main.text];
  const corrected = caption.correction !== undefined;
  return lines([[id, startedAt, endedAt, ...said, ...texts, yes(caption.cut), yes(corrected)]]);
}

const yes = (value: boolean) => (value ? "yes" : "no");

/** RFC 4180, and no cell is a formula to a spreadsheet. */
function lines(records: readonly (readonly string[])[]): string {
  // Spreadsheets trim what is before a formula.
  const inert = records.map((cells) =>
    cells.map((cell) => cell.replace(/^[\s\0]+(?=[=+\-@＝＋－＠])/u, "")),
  );
  return stringify(inert, {
    escape_formulas: true,
    record_delimiter: "windows",
    quote_record_delimiter: true,
  });
}
