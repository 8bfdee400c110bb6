import { setImmediate as letOthersGoOn } from "node:timers/promises";
import type { LanguageTag } from "../../shared/language.ts";
import type { Database } from "../database/database.ts";
import { LAST_PLACE } from "./caption-place.ts";

/** Where a caption is. */
export type CaptionKey = { roomId: string; sequence: number };

export type NewCaption = {
  id: string;
  roomId: string;
  accountId: string;
  language: LanguageTag;
  text: string;
  startedAt: string;
  endedAt: string;
  cut: boolean;
};

export type CaptionRow = CaptionKey & {
  id: string;
  accountId: string;
  name: string;
  language: LanguageTag;
  text: string;
  startedAt: string;
  endedAt: string;
  cut: number;
  edition: number;
  originalText: string | null;
  correctedBy: string | null;
  correctorName: string | null;
  correctedAt: string | null;
  searchRow: number | null;
};

export type CaptionDraft = Omit<NewCaption, "cut">;

/** Keeps what has been said so far of an utterance that goes on. */
export async function putDraft(db: Database, draft: CaptionDraft): Promise<void> {
  const { id, roomId, accountId, language, text, startedAt, endedAt } = draft;
  await db
    .insertInto("caption_drafts")
    .values({
      id,
      room_id: roomId,
      account_id: accountId,
      language,
      text,
      started_at: startedAt,
      ended_at: endedAt,
    })
    .onConflict((conflict) => conflict.column("id").doUpdateSet({ text, ended_at: endedAt }))
    .execute();
}

export async function deleteDraft(db: Database, id: string): Promise<void> {
  await db.deleteFrom("caption_drafts").where("id", "=", id).execute();
}

/** In the order in which they began. */
export async function listDrafts(db: Database): Promise<CaptionDraft[]> {
  return db
    .selectFrom("caption_drafts")
    .select(["id", "room_id as roomId", "account_id as accountId", "language", "text"])
    .select(["started_at as startedAt", "ended_at as endedAt"])
    .orderBy("started_at")
    .orderBy("id")
    .execute();
}

/**
 * Gives the next place of a room. Nobody else gets one before the transaction ends: captions become
 * visible in the order of their places.
 */
export async function takeSequence(db: Database, roomId: string): Promise<number> {
  const { last_sequence: sequence } = await db
    .insertInto("caption_counters")
    .values({ room_id: roomId, last_sequence: 1 })
    .onConflict((conflict) =>
      conflict
        .column("room_id")
        .doUpdateSet((eb) => ({ last_sequence: eb("caption_counters.last_sequence", "+", 1) })),
    )
    .returning("last_sequence")
    .executeTakeFirstOrThrow();
  return sequence;
}

export async function insertCaption(
  db: Database,
  caption: NewCaption & { sequence: number },
): Promise<void> {
  await db
    .insertInto("captions")
    .values({
      id: caption.id,
      room_id: caption.roomId,
      sequence: caption.sequence,
      account_id: caption.accountId,
      language: caption.language,
      text: caption.text,
      started_at: caption.startedAt,
      ended_at: caption.endedAt,
      cut: caption.cut ? 1 : 0,
      edition: 0,
    })
    .execute();
}

export async function updateCaption(
  db: Database,
  { roomId, sequence }: CaptionKey,
  change: {
    text?: string;
    ended_at?: string;
    cut?: number;
    edition?: number;
    original_text?: string;
    corrected_by?: string;
    corrected_at?: string;
    search_row?: number;
  },
): Promise<void> {
  await db
    .updateTable("captions")
    .set(change)
    .where("room_id", "=", roomId)
    .where("sequence", "=", sequence)
    .execute();
}

/** Its translations go with it, and what it is found by. */
export async function deleteCaption(db: Database, { roomId, sequence }: CaptionKey) {
  await db
    .deleteFrom("captions")
    .where("room_id", "=", roomId)
    .where("sequence", "=", sequence)
    .execute();
}

/** Captions that go at once. To take one out of the index of SQLite holds all up for half a millisecond. */
const BATCH = 20;

/** All that somebody said, or that was said in a room, bit by bit. */
export async function deleteCaptions(
  db: Database,
  of: { accountId: string } | { roomId: string },
): Promise<void> {
  const [column, id] =
    "accountId" in of ? (["account_id", of.accountId] as const) : (["room_id", of.roomId] as const);
  await db.deleteFrom("caption_drafts").where(column, "=", id).execute();
  for (;;) {
    const found = await db
      .selectFrom("captions")
      .select("id")
      .where(column, "=", id)
      .limit(BATCH)
      .execute();
    if (found.length === 0) return;
    const ids = found.map((caption) => caption.id);
    await db.deleteFrom("captions").where("id", "in", ids).execute();
    await letOthersGoOn();
  }
}

function selectCaptions(db: Database) {
  return db
    .selectFrom("captions")
    .innerJoin("accounts as speakers", "speakers.id", "captions.account_id")
    .leftJoin("accounts as correctors", "correctors.id", "captions.corrected_by")
    .select([
      "captions.id",
      "captions.room_id as roomId",
      "captions.sequence",
      "captions.account_id as accountId",
      "speakers.name",
      "captions.language",
      "captions.text",
      "captions.started_at as startedAt",
      "captions.ended_at as endedAt",
      "captions.cut",
      "captions.edition",
      "captions.original_text as originalText",
      "captions.corrected_by as correctedBy",
      "correctors.name as correctorName",
      "captions.corrected_at as correctedAt",
      "captions.search_row as searchRow",
    ]);
}

export async function findCaption(db: Database, id: string): Promise<CaptionRow | undefined> {
  return selectCaptions(db).where("captions.id", "=", id).executeTakeFirst();
}

/** Alike; nobody else changes it before the transaction ends. */
export async function lockCaption(db: Database, id: string): Promise<CaptionRow | undefined> {
  await db
    .updateTable("captions")
    .set((eb) => ({ edition: eb.ref("edition") }))
    .where("id", "=", id)
    .execute();
  return findCaption(db, id);
}

/** Newest first. */
export async function listCaptionsBefore(
  db: Database,
  roomId: string,
  { before = LAST_PLACE, limit }: { before?: number | undefined; limit: number },
): Promise<CaptionRow[]> {
  return selectCaptions(db)
    .where("captions.room_id", "=", roomId)
    .where("captions.sequence", "<", before)
    .orderBy("captions.sequence", "desc")
    .limit(limit)
    .execute();
}

/** Oldest first. */
export async function listCaptionsAfter(
  db: Database,
  roomId: string,
  { after, limit }: { after: number; limit: number },
): Promise<CaptionRow[]> {
  return selectCaptions(db)
    .where("captions.room_id", "=", roomId)
    .where("captions.sequence", ">", after)
    .orderBy("captions.sequence")
    .limit(limit)
    .execute();
}

/** Newest first. */
export async function listCaptionsAt(
  db: Database,
  roomId: string,
  sequences: readonly number[],
): Promise<CaptionRow[]> {
  if (sequences.length === 0) return [];
  return selectCaptions(db)
    .where("captions.room_id", "=", roomId)
    .where("captions.sequence", "in", sequences)
    .orderBy("captions.sequence", "desc")
    .execute();
}

/** Those that begin from `from` until before `to`, in that order, after `last`. */
export async function listCaptionsByStart(
  db: Database,
  roomId: string,
  options: {
    from?: string | undefined;
    to?: string | undefined;
    last?: { startedAt: string; sequence: number } | undefined;
    limit: number;
  },
): Promise<CaptionRow[]> {
  const { from, to, last, limit } = options;
  let query = selectCaptions(db).where("captions.room_id", "=", roomId);
  if (from !== undefined) query = query.where("captions.started_at", ">=", from);
  if (to !== undefined) query = query.where("captions.started_at", "<", to);
  if (last) {
    query = query.where((eb) =>
      eb(
        eb.refTuple("captions.started_at", "captions.sequence"),
        ">",
        eb.tuple(last.startedAt, last.sequence),
      ),
    );
  }
  return query.orderBy("captions.started_at").orderBy("captions.sequence").limit(limit).execute();
}

export type TranslationRow = {
  sequence: number;
  language: LanguageTag;
  edition: number;
  text: string;
};

/** A translation of an older edition never takes the place of a newer one's. */
export async function putTranslation(
  db: Database,
  { roomId, sequence }: CaptionKey,
  { language, edition, text }: Omit<TranslationRow, "sequence">,
): Promise<void> {
  await db
    .insertInto("caption_translations")
    .values({ room_id: roomId, sequence, language, edition, text })
    .onConflict((conflict) =>
      conflict
        .columns(["room_id", "sequence", "language"])
        .doUpdateSet({ edition, text })
        .where("caption_translations.edition", "<=", edition),
    )
    .execute();
}

/** In the order of their languages. */
export async function listTranslations(
  db: Database,
  roomId: string,
  sequences: readonly number[],
): Promise<TranslationRow[]> {
  if (sequences.length === 0) return [];
  return db
    .selectFrom("caption_translations")
    .select(["sequence", "language", "edition", "text"])
    .where("room_id", "=", roomId)
    .where("sequence", "in", sequences)
    .orderBy("language")
    .execute();
}

type Span = { from?: string | undefined; to?: string | undefined };

function selectSpan(db: Database, roomId: string, { from, to }: Span) {
  let query = db.selectFrom("captions").where("captions.room_id", "=", roomId);
  if (from !== undefined) query = query.where("captions.started_at", ">=", from);
  if (to !== undefined) query = query.where("captions.started_at", "<", to);
  return query;
}

export async function countCaptions(db: Database, roomId: string, span: Span): Promise<number> {
  const { count } = await selectSpan(db, roomId, span)
    .select((eb) => eb.fn.countAll().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** In their order: everything that some of the captions were translated to. */
export async function listTranslationLanguages(
  db: Database,
  roomId: string,
  span: Span,
): Promise<LanguageTag[]> {
  const rows = await selectSpan(db, roomId, span)
    .innerJoin("caption_translations as translations", (join) =>
      join
        .onRef("translations.room_id", "=", "captions.room_id")
        .onRef("translations.sequence", "=", "captions.sequence"),
    )
    .select("translations.language")
    .distinct()
    .orderBy("translations.language")
    .execute();
  return rows.map(({ language }) => language);
}

/** Which of some accounts and rooms are there. */
export async function findExisting(
  db: Database,
  { accountIds, roomIds }: { accountIds: readonly string[]; roomIds: readonly string[] },
): Promise<ReadonlySet<string>> {
  const accounts = await db
    .selectFrom("accounts")
    .select("id")
    .where("id", "in", accountIds)
    .execute();
  const rooms = await db.selectFrom("rooms").select("id").where("id", "in", roomIds).execute();
  return new Set([...accounts, ...rooms].map(({ id }) => id));
}
