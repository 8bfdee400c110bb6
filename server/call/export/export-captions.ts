import type { Caption, CaptionExport, CaptionSelection } from "../../../shared/caption.ts";
import type { LanguageTag } from "../../../shared/language.ts";
import { type Cue, toCue } from "./export-cue.ts";
import { csvHead, toCsv } from "./to-csv.ts";
import { jsonHead, jsonTail, toJson } from "./to-json.ts";
import { toSrt } from "./to-srt.ts";
import { toText } from "./to-text.ts";
import { toVtt, vttHead } from "./to-vtt.ts";

export type ExportOptions = {
  roomId: string;
  selection: CaptionSelection;
  /** In the order in which they begin, some at a time. */
  pages: AsyncIterable<readonly Caption[]>;
  /** All that something was translated to. Spreadsheets have to know them beforehand. */
  languages: readonly LanguageTag[];
};

const contentTypes = {
  vtt: "text/vtt",
  srt: "application/x-subrip",
  txt: "text/plain",
  json: "application/json",
  csv: "text/csv",
} as const;

/** What a transcript is called, and what it is. */
export function describeExport(selection: CaptionSelection): Omit<CaptionExport, "content"> {
  const { format, content, language } = selection;
  const kind = content === "language" ? `-${language}` : content === "aligned" ? "-aligned" : "";
  return {
    fileName: `captions${kind}.${format}`,
    contentType: `${contentTypes[format]}; charset=utf-8`,
  };
}

/** The text of a transcript, a page of captions at a time. */
export async function* exportCaptions(options: ExportOptions): AsyncGenerator<string> {
  const { selection, pages } = options;
  const writer = createWriter(options);
  yield writer.head;
  let zero: number | undefined;
  for await (const page of pages) {
    const [first] = page;
    if (!first) continue;
    zero ??= Date.parse(first.startedAt);
    const cues: Cue[] = [];
    for (const caption of page) cues.push(toCue(caption, zero, selection));
    yield cues.map(writer.cue).join("");
  }
  yield writer.tail;
}

type Writer = { head: string; cue: (cue: Cue) => string; tail: string };

function createWriter({ roomId, selection, languages }: ExportOptions): Writer {
  const { format, content, language } = selection;
  const columns = content === "aligned" ? languages : [];
  let count = 0;
  switch (format) {
    case "vtt":
      return { head: vttHead, cue: toVtt, tail: "" };
    case "srt":
      return { head: "", cue: (cue) => toSrt(cue, (count += 1)), tail: "" };
    case "txt":
      return { head: "", cue: toText, tail: "" };
    case "json":
      return {
        head: jsonHead({ roomId, content, language }),
        cue: (cue) => toJson(cue, content, (count += 1) === 1),
        tail: jsonTail,
      };
    case "csv":
      return { head: csvHead(columns), cue: (cue) => toCsv(cue, columns), tail: "" };
  }
}
