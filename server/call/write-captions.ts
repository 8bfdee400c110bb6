import type { LanguageTag } from "../../shared/language.ts";
import type { Database } from "../database/database.ts";
import { indexCaption } from "./caption-search-store.ts";
import {
  type CaptionDraft,
  deleteCaption,
  deleteDraft,
  findCaption,
  findExisting,
  insertCaption,
  listDrafts,
  lockCaption,
  type NewCaption,
  putDraft,
  putTranslation,
  takeSequence,
  updateCaption,
} from "./caption-store.ts";

/** What is to be kept of what a speaker says. A translation has the speaker's `accountId`, too. */
export type CaptionRecord =
  | ({ type: "draft" } & CaptionDraft)
  | ({ type: "final" } & NewCaption)
  | {
      type: "translation";
      id: string;
      roomId: string;
      accountId: string;
      language: LanguageTag;
      text: string;
    };

export type OutdatedTranslation = { id: string; language: LanguageTag };

/**
 * Writes records in one transaction, in their order. Of rooms that `keeps` gives false for, and of
 * rooms and accounts that are gone, nothing is written. Gives those translations among them that are of
 * what was corrected before they came.
 */
export async function writeCaptions(
  db: Database,
  records: readonly CaptionRecord[],
  keeps: (roomId: string) => boolean,
): Promise<OutdatedTranslation[]> {
  return db.transaction().execute(async (transaction) => {
    const existing = await findExisting(transaction, {
      accountIds: Array.from(new Set(records.map(({ accountId }) => accountId))),
      roomIds: Array.from(new Set(records.map(({ roomId }) => roomId))),
    });
    // In the order of their places, in which they have to be indexed.
    const touched = new Set<string>();
    const outdated: OutdatedTranslation[] = [];
    for (const record of records) {
      if (record.type === "final") await deleteDraft(transaction, record.id);
      const { roomId, accountId } = record;
      if (!existing.has(roomId) || !existing.has(accountId) || !keeps(roomId)) continue;
      const written = await writeRecord(transaction, record);
      if (written) touched.add(record.id);
      if (written === "outdated" && record.type === "translation") outdated.push(record);
    }
    await indexCaptions(transaction, touched);
    return outdated;
  });
}

async function indexCaptions(db: Database, ids: Iterable<string>): Promise<void> {
  for (const id of ids) {
    const caption = await findCaption(db, id);
    if (caption) await indexCaption(db, caption);
  }
}

/** Whether there is something new to be found. */
async function writeRecord(db: Database, record: CaptionRecord): Promise<boolean | "outdated"> {
  if (record.type === "draft") {
    await putDraft(db, record);
    return false;
  }
  const caption = await lockCaption(db, record.id);
  if (record.type === "final") {
    if (!caption) {
      if (record.text === "") return false;
      const sequence = await takeSequence(db, record.roomId);
      await insertCaption(db, { ...record, sequence });
      return true;
    }
    // It was taken for interrupted, as when another server of the same rooms has started meanwhile.
    if (record.text === "") {
      await deleteCaption(db, caption);
      return false;
    }
    const { endedAt, cut } = record;
    const text = caption.edition === 0 ? { text: record.text } : {};
    await updateCaption(db, caption, { ...text, ended_at: endedAt, cut: cut ? 1 : 0 });
    return true;
  }
  // What was removed meanwhile stays so.
  if (!caption) return false;
  const { language, text } = record;
  await putTranslation(db, caption, { language, text, edition: 0 });
  return caption.edition === 0 || "outdated";
}

/**
 * Makes captions, marked as cut, of what people were saying when the server died. Gives how many. To be
 * called before anybody speaks.
 */
export async function recoverDrafts(db: Database): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const drafts = await listDrafts(transaction);
    for (const draft of drafts) {
      await writeRecord(transaction, { ...draft, type: "final", cut: true });
      await deleteDraft(transaction, draft.id);
    }
    await indexCaptions(
      transaction,
      drafts.map(({ id }) => id),
    );
    return drafts.length;
  });
}
