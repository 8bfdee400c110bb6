import { type Cue, type CueText, ownLine, withCut } from "./export-cue.ts";
import { cueTime } from "./cue-time.ts";

export const vttHead = "WEBVTT\n\n";

/** One cue: who says it is its voice, and each text stands on a line of its own in its language. */
export function toVtt({ caption, startMs, endMs, main, translations }: Cue): string {
  const time = `${cueTime(startMs, ".")} --> ${cueTime(endMs, ".")}`;
  const lines = [main, ...translations].map((text) => line(text, caption.cut));
  // Two dashes and the end of the tag would be an arrow; players trim names.
  const name = escape(ownLine(caption.speaker.name)).replace(/-$/u, "- ");
  return `${caption.id}\n${time}\n<v ${name}>${lines.join("\n")}\n\n`;
}

function line({ language, text }: CueText, cut: boolean): string {
  return `<lang ${language}>${escape(withCut(ownLine(text), cut))}</lang>`;
}

/** Nothing is a tag, an entity or the arrow of a time. */
function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
