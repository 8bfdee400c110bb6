import type { LanguageTag } from "../../../../shared/language.ts";
import { excerptOf, type Match, partsOf } from "./excerpt.ts";
import styles from "./found-list.module.css";

type Props = { text: string; matches: readonly Match[]; language?: LanguageTag };

/** As much of a text as shows what was found in it, with that marked. */
export function HighlightedText({ text, matches, language }: Props) {
  const excerpt = excerptOf(text, matches);
  return (
    <span className={styles.text} lang={language} dir="auto">
      {partsOf(excerpt.text, excerpt.matches).map((part) =>
        part.isMatch ? <mark key={part.start}>{part.text}</mark> : part.text,
      )}
    </span>
  );
}
