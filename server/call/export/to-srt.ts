import { type Cue, isolated, marked, ownLine, withCut } from "./export-cue.ts";
import { cueTime } from "./cue-time.ts";

/** One cue, numbered from 1. */
export function toSrt(cue: Cue, number: number): string {
  const { caption, startMs, endMs, main, foreign, translations } = cue;
  const time = `${cueTime(startMs, ",")} --> ${cueTime(endMs, ",")}`;
  const [said, ...others] = [foreign ? marked(main) : main, ...translations.map(marked)].map(
    ({ text }) => inert(withCut(ownLine(text), caption.cut)),
  );
  const lines = [`${inert(isolated(caption.speaker.name))}: ${said}`, ...others];
  return `${number}\n${time}\n${lines.join("\n")}\n\n`;
}

/**
 * The format has no way to write what it takes for markup or an arrow, so look-alikes are written. They
 * are in all fonts.
 */
function inert(text: string): string {
  return text
    .replaceAll(/-+>/gu, "→")
    .replaceAll("<", "‹")
    .replaceAll(">", "›")
    .replaceAll("{", "(")
    .replaceAll("}", ")");
}
