import type { CaptionSpeaker } from "../../shared/call.ts";
import type { Caption, CaptionTranslation } from "../../shared/caption.ts";
import { type LanguageTag, sameLanguage } from "../../shared/language.ts";
import type { Database } from "../database/database.ts";
import { type CaptionRow, listTranslations } from "./caption-store.ts";

/** What rows stand for, in their order. `read` leaves one translation, and `null` none. */
export async function readCaptions(
  db: Database,
  rows: readonly CaptionRow[],
  read?: LanguageTag | null,
): Promise<Caption[]> {
  const [first] = rows;
  if (!first) return [];
  const sequences = rows.map(({ sequence }) => sequence);
  const translations = Map.groupBy(
    read === null ? [] : await listTranslations(db, first.roomId, sequences),
    ({ sequence }) => sequence,
  );
  return rows.map((row) => {
    const all = (translations.get(row.sequence) ?? []).map(
      ({ language, text, edition }): CaptionTranslation => {
        return { language, text, outdated: edition < row.edition };
      },
    );
    return toCaption(row, read ? all.filter(closest(all, read)) : all);
  });
}

/** Takes what was translated to this very language, else to one that its readers understand. */
function closest(all: readonly CaptionTranslation[], read: LanguageTag) {
  const match =
    all.find(({ language }) => language === read) ??
    all.find(({ language }) => sameLanguage(language, read));
  return (translation: CaptionTranslation) => translation === match;
}

function toCaption(row: CaptionRow, translations: CaptionTranslation[]): Caption {
  const { id, roomId, language, text, startedAt, endedAt, edition } = row;
  const { correctedAt, originalText, correctedBy, correctorName } = row;
  const by =
    correctedBy !== null && correctorName !== null
      ? { by: { accountId: correctedBy, name: correctorName } }
      : {};
  const correction =
    correctedAt !== null && originalText !== null
      ? { correction: { ...by, at: correctedAt, original: originalText } }
      : {};
  return {
    id,
    roomId,
    speaker: speakerOf(row),
    language,
    text,
    startedAt,
    endedAt,
    cut: row.cut === 1,
    edition,
    ...correction,
    translations,
  };
}

export function speakerOf({ accountId, name }: CaptionRow): CaptionSpeaker {
  return { accountId, name };
}
