import type { Selectable } from "kysely";
import { mayInRoom } from "../../shared/permission.ts";
import { roomRoleSchema } from "../../shared/room.ts";
import {
  type Attachment,
  type AttachmentKind,
  isAttachmentKind,
  type Upload,
  type UploadKind,
} from "../../shared/upload.ts";
import type { Database } from "../database/database.ts";
import type { Tables } from "../database/tables.ts";

type Row = Selectable<Tables["uploads"]>;

/** A file and what decides who may have it. */
export type StoredUpload = {
  id: string;
  accountId: string;
  roomId: string | undefined;
  messageId: string | undefined;
  kind: UploadKind;
  storageKey: string;
  /** Something needs it: a message, an account's picture, a voice. */
  used: boolean;
  upload: Upload;
};

export type NewUpload = {
  id: string;
  accountId: string;
  roomId: string | undefined;
  kind: UploadKind;
  storageKey: string;
  name: string;
  /** Set aside for it. */
  bytes: number;
  createdAt: string;
  expiresAt: string;
};

/** What is known once the content was looked at. */
export type Content = {
  name: string;
  contentType: string;
  bytes: number;
  width?: number | undefined;
  height?: number | undefined;
  durationMs?: number | undefined;
};

export const uploadUrl = (id: string) => `/uploads/${id}`;

const orAbsent = <Value>(value: Value | null): Value | undefined => value ?? undefined;

/** An upload that lost its owner is nobody's to have. */
function toStored(row: Row): StoredUpload | undefined {
  if (row.account_id === null) return undefined;
  const { id, kind, name, bytes } = row;
  return {
    id,
    accountId: row.account_id,
    roomId: orAbsent(row.room_id),
    messageId: orAbsent(row.message_id),
    kind,
    storageKey: row.storage_key,
    used: row.expires_at === null,
    upload: {
      id,
      kind,
      url: uploadUrl(id),
      contentType: row.content_type,
      bytes,
      name,
      ...(row.width !== null && { width: row.width }),
      ...(row.height !== null && { height: row.height }),
      ...(row.duration_ms !== null && { durationMs: row.duration_ms }),
      createdAt: row.created_at,
    },
  };
}

export function toAttachment(upload: Upload, kind: AttachmentKind): Attachment {
  const { createdAt: _createdAt, ...rest } = upload;
  return { ...rest, kind };
}

/**
 * Until the transaction ends nobody else changes what the account's files take. Gives false when there
 * is no such account.
 */
export async function lockAccount(db: Database, accountId: string): Promise<boolean> {
  const locked = await db
    .updateTable("accounts")
    .set((eb) => ({ language: eb.ref("language") }))
    .where("id", "=", accountId)
    .returning("id")
    .executeTakeFirst();
  return locked !== undefined;
}

/** Bytes, with those that are set aside. */
export async function sumBytes(db: Database, accountId: string): Promise<number> {
  const { total } = await db
    .selectFrom("uploads")
    .select((eb) => eb.fn.sum<number | string | null>("bytes").as("total"))
    .where("account_id", "=", accountId)
    .where("state", "!=", "removed")
    .executeTakeFirstOrThrow();
  return Number(total ?? 0);
}

export async function insertUpload(db: Database, upload: NewUpload): Promise<void> {
  await db
    .insertInto("uploads")
    .values({
      id: upload.id,
      account_id: upload.accountId,
      room_id: upload.roomId ?? null,
      position: 0,
      kind: upload.kind,
      state: "receiving",
      storage_key: upload.storageKey,
      name: upload.name,
      content_type: "",
      bytes: upload.bytes,
      created_at: upload.createdAt,
      expires_at: upload.expiresAt,
    })
    .execute();
}

/**
 * Puts off the sweeping of what is on its way, and sets other `bytes` aside for it if they are given.
 * Gives false when it was removed meanwhile.
 */
export async function renewUpload(
  db: Database,
  id: string,
  changes: { expiresAt: string; bytes?: number },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable("uploads")
    .set({
      expires_at: changes.expiresAt,
      ...(changes.bytes !== undefined && { bytes: changes.bytes }),
    })
    .where("id", "=", id)
    .where("state", "=", "receiving")
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Opens a received file to those who may see it. Gives undefined when it was removed meanwhile. */
export async function completeUpload(
  db: Database,
  id: string,
  content: Content,
  expiresAt: string,
): Promise<StoredUpload | undefined> {
  const row = await db
    .updateTable("uploads")
    .set({
      state: "ready",
      name: content.name,
      content_type: content.contentType,
      bytes: content.bytes,
      width: content.width ?? null,
      height: content.height ?? null,
      duration_ms: content.durationMs ?? null,
      expires_at: expiresAt,
    })
    .where("id", "=", id)
    .where("state", "=", "receiving")
    .returningAll()
    .executeTakeFirst();
  return row && toStored(row);
}

export async function findUpload(db: Database, id: string): Promise<StoredUpload | undefined> {
  const row = await db
    .selectFrom("uploads")
    .selectAll()
    .where("id", "=", id)
    .where("state", "=", "ready")
    .executeTakeFirst();
  return row && toStored(row);
}

/** The newest first. */
export async function listUploads(
  db: Database,
  accountId: string,
  options: { before?: [createdAt: string, id: string]; kind?: UploadKind; limit: number },
): Promise<Upload[]> {
  const { before, kind, limit } = options;
  const rows = await db
    .selectFrom("uploads")
    .selectAll()
    .where("account_id", "=", accountId)
    .where("state", "=", "ready")
    .$if(kind !== undefined, (query) => query.where("kind", "=", kind ?? "avatar"))
    .$if(before !== undefined, (query) => {
      const [createdAt, id] = before ?? ["", ""];
      return query.where((eb) =>
        eb.or([
          eb("created_at", "<", createdAt),
          eb.and([eb("created_at", "=", createdAt), eb("id", "<", id)]),
        ]),
      );
    })
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(limit)
    .execute();
  return rows.flatMap((row) => toStored(row)?.upload ?? []);
}

/** Gives those that were the account's own, unused, of the room, and of a kind that messages carry. */
export async function attachUploads(
  db: Database,
  owner: { accountId: string; roomId: string; messageId: string },
  ids: readonly string[],
): Promise<Attachment[]> {
  const attached: Attachment[] = [];
  for (const [position, id] of ids.entries()) {
    const row = await db
      .updateTable("uploads")
      .set({ message_id: owner.messageId, position, expires_at: null })
      .where("id", "=", id)
      .where("account_id", "=", owner.accountId)
      .where("room_id", "=", owner.roomId)
      .where("kind", "in", ["room-photo", "room-audio"])
      .where("state", "=", "ready")
      .where("message_id", "is", null)
      .returningAll()
      .executeTakeFirst();
    const upload = row && toStored(row)?.upload;
    if (upload && isAttachmentKind(upload.kind)) attached.push(toAttachment(upload, upload.kind));
  }
  return attached;
}

export async function listAttachments(
  db: Database,
  messageIds: readonly string[],
): Promise<Map<string, Attachment[]>> {
  const found = new Map<string, Attachment[]>();
  if (messageIds.length === 0) return found;
  const rows = await db
    .selectFrom("uploads")
    .selectAll()
    .where("message_id", "in", messageIds)
    .where("state", "=", "ready")
    .orderBy("position")
    .execute();
  for (const row of rows) {
    const upload = toStored(row)?.upload;
    if (!upload || row.message_id === null || !isAttachmentKind(upload.kind)) continue;
    const list = found.get(row.message_id) ?? [];
    list.push(toAttachment(upload, upload.kind));
    found.set(row.message_id, list);
  }
  return found;
}

/** Makes a ready upload of the account and kind one that is used. */
export async function useUpload(
  db: Database,
  owner: { accountId: string; kind: UploadKind },
  id: string,
): Promise<StoredUpload | undefined> {
  const row = await db
    .updateTable("uploads")
    .set({ expires_at: null })
    .where("id", "=", id)
    .where("account_id", "=", owner.accountId)
    .where("kind", "=", owner.kind)
    .where("state", "=", "ready")
    .returningAll()
    .executeTakeFirst();
  return row && toStored(row);
}

export type Doomed =
  | { id: string }
  /** Unless something uses it. */
  | { unusedId: string }
  | { messageIds: readonly string[] }
  | { accountId: string; usedAvatarsBut?: string | undefined }
  | { roomId: string };

/** From now on nobody gets them, they count for nothing, and the next purge takes their files. */
export async function doomUploads(db: Database, which: Doomed, at: string): Promise<number> {
  if ("messageIds" in which && which.messageIds.length === 0) return 0;
  const { numUpdatedRows } = await db
    .updateTable("uploads")
    .set({ state: "removed", expires_at: at })
    .where("state", "!=", "removed")
    .where((eb) => {
      if ("id" in which) return eb("id", "=", which.id);
      if ("unusedId" in which) {
        return eb.and([eb("id", "=", which.unusedId), eb("expires_at", "is not", null)]);
      }
      if ("messageIds" in which) return eb("message_id", "in", which.messageIds);
      if ("roomId" in which) return eb("room_id", "=", which.roomId);
      const own = eb("account_id", "=", which.accountId);
      if (!("usedAvatarsBut" in which)) return own;
      const but = which.usedAvatarsBut ?? "";
      return eb.and([
        own,
        eb("kind", "=", "avatar"),
        eb("expires_at", "is", null),
        eb("id", "!=", but),
      ]);
    })
    .executeTakeFirst();
  return Number(numUpdatedRows);
}

const admitting = roomRoleSchema.options.filter((role) => mayInRoom(role, "room.admit"));

/** Whether somebody waits at the door of a room that the other one decides about. */
export async function waitsFor(db: Database, waiting: string, other: string): Promise<boolean> {
  const door = await db
    .selectFrom("room_waiting")
    .innerJoin("room_members", "room_members.room_id", "room_waiting.room_id")
    .select("room_waiting.room_id")
    .where("room_waiting.account_id", "=", waiting)
    .where("room_members.account_id", "=", other)
    .where("room_members.role", "in", admitting)
    .limit(1)
    .executeTakeFirst();
  return door !== undefined;
}

/** Whether two accounts are members of one room, or are one. */
export async function shareRoom(db: Database, one: string, other: string): Promise<boolean> {
  if (one === other) return true;
  const shared = await db
    .selectFrom("room_members as mine")
    .innerJoin("room_members as theirs", "theirs.room_id", "mine.room_id")
    .select("mine.room_id")
    .where("mine.account_id", "=", one)
    .where("theirs.account_id", "=", other)
    .limit(1)
    .executeTakeFirst();
  return shared !== undefined;
}
