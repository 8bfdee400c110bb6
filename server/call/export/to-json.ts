import type { CaptionContent } from "../../../shared/caption.ts";
import type { Cue } from "./export-cue.ts";

/** What begins an object whose last key, `captions`, is a list. `jsonTail` ends it. */
export function jsonHead(about: { roomId: string; content: CaptionContent; language?: string }) {
  const { roomId, content, language } = about;
  return `${JSON.stringify({ roomId, content, language }).slice(0, -1)},"captions":[`;
}

export const jsonTail = "\n]}\n";

export function toJson(cue: Cue, content: CaptionContent, isFirst: boolean): string {
  const { caption, startMs, endMs, main, translations } = cue;
  const { id, speaker, startedAt, endedAt, cut, correction } = caption;
  const common = { id, speaker, startedAt, endedAt, startMs, endMs, cut };
  const entry = {
    ...common,
    corrected: correction !== undefined,
    spokenLanguage: caption.language,
    language: main.language,
    text: main.text,
    ...(content === "aligned" && {
      translations: translations.map(({ language, text }) => ({ language, text })),
    }),
  };
  return `${isFirst ? "\n" : ",\n"}${JSON.stringify(entry)}`;
}
