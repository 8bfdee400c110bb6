import type { Caption, CaptionSelection } from "../../../shared/caption.ts";
import { type LanguageTag, sameLanguage } from "../../../shared/language.ts";

/** One text of a caption. */
export type CueText = { language: LanguageTag; text: string };

/** A caption as one kind of content has it. */
export type Cue = {
  caption: Caption;
  /** ms since the first caption of the transcript began. */
  startMs: number;
  /** Always after the start. */
  endMs: number;
  /** Whether the main text is in another language than the one that was asked for. */
  foreign: boolean;
  /** What comes first, in `content` "language" the translation if there is one. */
  main: CueText;
  /** For `content` "aligned": of the main text. Those of a text that was corrected since are left out. */
  translations: CueText[];
};

/** What is shown as one takes some time to be seen at all. */
const SHORTEST_MS = 1;

export function toCue(
  caption: Caption,
  zero: number,
  { content, language: wanted }: Pick<CaptionSelection, "content" | "language">,
): Cue {
  const { language, text } = caption;
  const startMs = Math.max(0, Date.parse(caption.startedAt) - zero);
  const endMs = Math.max(startMs + SHORTEST_MS, Date.parse(caption.endedAt) - zero);
  const current = caption.translations.filter(({ outdated }) => !outdated);
  const original = { language, text };
  const main =
    content === "language" && wanted !== undefined
      ? (find(wanted, [original, ...current]) ?? original)
      : original;
  const foreign = wanted !== undefined && !sameLanguage(main.language, wanted);
  const translations = content === "aligned" ? current : [];
  return { caption, startMs, endMs, main, foreign, translations };
}

/** The text in this very language, else in one that its readers understand. */
function find(wanted: LanguageTag, texts: readonly CueText[]): CueText | undefined {
  return (
    texts.find(({ language }) => language === wanted) ??
    texts.find(({ language }) => sameLanguage(language, wanted))
  );
}

/** Says which language a text is in, where it isn't the one that one would expect. */
export function marked({ language, text }: CueText): CueText {
  return { language, text: `[${language}] ${text}` };
}

/** Everything on one line: a blank one would end a cue. */
export function oneLine(text: string): string {
  return text.replaceAll(/[\s\p{Cc}]+/gu, " ").trim();
}

/** Directions that a text sets for what comes after it, such as overrides. */
const directions = /[\u202a-\u202e\u2066-\u2069]/gu;
const rightToLeft =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;

/** On a line with others: a piece that is written from right to left leaves their order alone. */
export function isolated(text: string): string {
  const plain = oneLine(text.replaceAll(directions, ""));
  return rightToLeft.test(plain) ? `\u2068${plain}\u2069` : plain;
}

/** A line of its own, of which nothing reaches into the next. */
export function ownLine(text: string): string {
  return oneLine(text.replaceAll(directions, ""));
}

/** The speaker was cut off there. */
export function withCut(text: string, cut: boolean): string {
  return cut ? `${text}…` : text;
}
