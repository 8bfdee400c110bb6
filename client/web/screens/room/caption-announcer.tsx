import { VisuallyHidden } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import type { LanguageTag } from "../../../../shared/language.ts";
import { ForeignText } from "../../language/foreign-text.tsx";
import type { CaptionRow, UtteranceRow } from "./caption-list.ts";

/** Sentences that stay in the region, so that none is gone before it was read out. */
const KEPT = 4;

type Announcement = { key: string; name: string; text: string; language?: LanguageTag };

type Props = {
  rows: readonly CaptionRow[];
  ownAccountId: string;
  expectsTranslation: (language: LanguageTag | undefined) => boolean;
};

/**
 * Reads captions out to screen readers: each once, when nothing of it will change any more, in the
 * reader's language. Partials would be talked over by the next one; one's own words one knows.
 */
export function CaptionAnnouncer({ rows, ownAccountId, expectsTranslation }: Props) {
  const [announced, setAnnounced] = useState<readonly Announcement[]>([]);
  const known = useRef(new Set<string>());
  useEffect(() => {
    const fresh = rows
      .filter((row) => row.kind === "utterance")
      // What was kept has been said before.
      .filter((row) => row.kept === undefined)
      .filter((row) => row.speaker.accountId !== ownAccountId && !known.current.has(row.key))
      .flatMap((row) => announcement(row, expectsTranslation(row.language)) ?? []);
    if (fresh.length === 0) return;
    for (const { key } of fresh) known.current.add(key);
    setAnnounced((before) => [...before, ...fresh].slice(-KEPT));
  }, [rows, ownAccountId, expectsTranslation]);

  return (
    <VisuallyHidden aria-live="polite" component="div">
      {announced.map(({ key, name, text, language }) => (
        <div key={key}>
          <bdi>{name}</bdi>: <ForeignText language={language}>{text}</ForeignText>
        </div>
      ))}
    </VisuallyHidden>
  );
}

function announcement(row: UtteranceRow, expectsTranslation: boolean): Announcement | undefined {
  const { key, speaker, translation } = row;
  if (translation?.final) {
    return { key, name: speaker.name, text: translation.text, language: translation.language };
  }
  if (!row.final || translation || expectsTranslation) return undefined;
  return { key, name: speaker.name, text: row.stable, language: row.language };
}
