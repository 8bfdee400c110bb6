import { type Cue, isolated, marked, ownLine, withCut } from "./export-cue.ts";

/** Lines to read, with the time of day in UTC. */
export function toText({ caption, main, foreign, translations }: Cue): string {
  const time = `${caption.startedAt.slice(0, 10)} ${caption.startedAt.slice(11, 19)}`;
  const [said, ...others] = [foreign ? marked(main) : main, ...translations.map(marked)].map(
    ({ text }) => withCut(ownLine(text), caption.cut),
  );
  const lines = [
    `[${time}] ${isolated(caption.speaker.name)}: ${said}`,
    ...others.map((text) => `    ${text}`),
  ];
  return `${lines.join("\n")}\n`;
}
