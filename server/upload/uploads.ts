import { join } from "node:path";
import type { Readable } from "node:stream";
import { z } from "zod";
import type { RoomProcedure } from "../../shared/permission.ts";
import type { Attachment, Upload, UploadKind, UploadList } from "../../shared/upload.ts";
import type { Database } from "../database/database.ts";
import { inTurn } from "../database/in-turn.ts";
import { decodeCursor, encodeCursor } from "../kit/cursor.ts";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import type { Membership } from "../kit/membership.ts";
import type { ByteRange, Storage } from "../storage/storage.ts";
import { createExamine } from "./examine.ts";
import { createImages } from "./images.ts";
import { createIncoming } from "./incoming.ts";
import { Inspector } from "./inspector.ts";
import { createReceive } from "./receive.ts";
import { createSweeper } from "./sweeper.ts";
import { uploadLimits, type UploadLimits } from "./upload-limits.ts";
import {
  attachUploads,
  doomUploads,
  findUpload,
  listAttachments,
  listUploads,
  lockAccount,
  shareRoom,
  waitsFor,
  type StoredUpload,
  sumBytes,
  useUpload,
} from "./upload-store.ts";

export type UploadDependencies = {
  db: Database;
  storage: Storage;
  /** For files on their way. On the file system of a local storage. */
  incomingDirectory: string;
  limits?: UploadLimits;
  /** Throws an AppError unless the account is a member of the room who may call the procedure. */
  requireMember: (roomId: string, accountId: string, procedure: RoomProcedure) => Promise<unknown>;
  membership: Membership;
  log: Log;
  sweepMs?: number;
  /** Files and rows that are younger are left alone by sweeping. */
  graceMs?: number;
  keepFreeBytes?: number;
};

export type Uploads = Awaited<ReturnType<typeof createUploads>>;

const SWEEP_MS = 10 * 60 * 1000;
/** A transaction that released files has ended by then, else by the second time. */
const PURGE_AFTER_MS = [200, 5000];
const positionSchema = z.tuple([z.string(), z.string()]);

/** Sweeps at once and from time to time, until it is closed. Throws STORAGE_UNAVAILABLE. */
export async function createUploads(deps: UploadDependencies) {
  const { db, storage, requireMember, log, limits = uploadLimits } = deps;
  const incoming = await createIncoming({
    directory: join(deps.incomingDirectory),
    ...(deps.keepFreeBytes !== undefined && { keepFreeBytes: deps.keepFreeBytes }),
  });
  const inspectors = { picture: new Inspector({ log }), sound: new Inspector({ log }) };
  const images = createImages({ pixels: limits.pixels });
  const examine = createExamine({ inspectors, images, limits });
  const receive = createReceive({ db, storage, incoming, examine, limits, requireMember, log });
  const sweeper = createSweeper({
    db,
    storage,
    incoming,
    log,
    ...(deps.graceMs !== undefined && { graceMs: deps.graceMs }),
  });

  let sweeping: Promise<void> | undefined;
  let closed = false;
  const timers = new Set<NodeJS.Timeout>();

  /** One pass at a time. */
  function sweep(): Promise<void> {
    sweeping ??= sweeper
      .sweep()
      .catch((error: unknown) => log.warn({ err: error }, "uploads were not swept"))
      .finally(() => (sweeping = undefined));
    return sweeping;
  }

  /** What can't be removed now is removed later. */
  async function purge(): Promise<void> {
    await sweeper
      .purge()
      .catch((error: unknown) => log.warn({ err: error }, "files not removed yet"));
  }

  /** Files go when the transaction that released them has ended, which nobody tells. */
  function purgeSoon(): void {
    if (closed) return;
    for (const delay of PURGE_AFTER_MS) {
      const timer = setTimeout(() => {
        timers.delete(timer);
        void purge();
      }, delay);
      timers.add(timer);
    }
  }

  const now = () => new Date().toISOString();
  const quotaOf = (guest: boolean) => (guest ? limits.quota.guest : limits.quota.registered);

  async function isMember(roomId: string, accountId: string): Promise<boolean> {
    try {
      await requireMember(roomId, accountId, "chat.history");
      return true;
    } catch (error) {
      if (error instanceof AppError && error.reason !== "DATABASE_UNAVAILABLE") return false;
      throw error;
    }
  }

  async function maySee(found: StoredUpload, accountId: string): Promise<boolean> {
    const own = found.accountId === accountId;
    switch (found.kind) {
      case "avatar":
        if (own || !found.used) return own;
        if (await shareRoom(db, accountId, found.accountId)) return true;
        return waitsFor(db, found.accountId, accountId);
      case "room-photo":
      case "room-audio":
        if (found.roomId === undefined) return false;
        // What belongs to no message yet is nobody else's.
        if (found.messageId === undefined && !own) return false;
        return isMember(found.roomId, accountId);
      case "voice-reference":
      case "dubbed-voice":
        return own;
    }
  }

  /** Throws UPLOAD_NOT_FOUND alike for what isn't there and for what isn't the account's to see. */
  async function see(accountId: string, uploadId: string): Promise<StoredUpload> {
    const found = await findUpload(db, uploadId);
    if (!found || !(await maySee(found, accountId))) throw notFound();
    return found;
  }

  const sweepTimer = setInterval(() => void sweep(), deps.sweepMs ?? SWEEP_MS);
  sweepTimer.unref();
  void sweep();

  return {
    receive,
    sweep,

    get: async (accountId: string, uploadId: string): Promise<Upload> =>
      (await see(accountId, uploadId)).upload,

    /**
     * The content, or a part of it, of what `get` gave. To be read or destroyed. A room's file breaks
     * off when the membership ends.
     */
    async open(
      accountId: string,
      uploadId: string,
      options: { range?: ByteRange; signal?: AbortSignal } = {},
    ): Promise<Readable> {
      const { storageKey, roomId } = await see(accountId, uploadId);
      const ended = new AbortController();
      const until = AbortSignal.any([ended.signal, ...(options.signal ? [options.signal] : [])]);
      const signal =
        roomId === undefined
          ? until
          : await deps.membership(roomId, accountId, "chat.history", until);
      const content = await storage.open(storageKey, { ...options, signal });
      if (!content) {
        ended.abort();
        throw notFound();
      }
      // The membership is watched no longer.
      return content.once("close", () => ended.abort());
    },

    async list(
      caller: { accountId: string; guest: boolean },
      page: { cursor?: string | null | undefined; limit: number; kind?: UploadKind | undefined },
    ): Promise<UploadList> {
      const before = page.cursor ? decodeCursor(page.cursor, positionSchema) : undefined;
      const { kind, limit } = page;
      const [found, usedBytes] = await Promise.all([
        listUploads(db, caller.accountId, {
          limit: limit + 1,
          ...(before && { before }),
          ...(kind && { kind }),
        }),
        sumBytes(db, caller.accountId),
      ]);
      const items = found.slice(0, limit);
      const last = found.length > limit ? items.at(-1) : undefined;
      return {
        items,
        ...(last && { nextCursor: encodeCursor([last.createdAt, last.id]) }),
        quota: { usedBytes, allowedBytes: quotaOf(caller.guest) },
      };
    },

    /** Throws UPLOAD_NOT_FOUND for what isn't one's own, and UPLOAD_IN_USE. */
    async remove(accountId: string, uploadId: string): Promise<void> {
      const found = await findUpload(db, uploadId);
      if (!found || found.accountId !== accountId) throw notFound();
      const removed = await doomUploads(db, { unusedId: uploadId }, now());
      if (removed === 0) {
        throw new AppError("UPLOAD_IN_USE", "Something still uses this file. Remove that instead.");
      }
      // It is nobody's any more, and another file that can't be removed is no matter of theirs.
      await purge();
    },

    /**
     * Makes the account's own unused photos and sounds of the room attachments of a message, in this
     * order, within the transaction that writes the message. Throws UPLOAD_NOT_FOUND when one isn't that.
     */
    async take(
      transaction: Database,
      owner: {
        accountId: string;
        roomId: string;
        uploadIds: readonly string[];
        messageId: string;
      },
    ): Promise<Attachment[]> {
      const attached = await attachUploads(transaction, owner, owner.uploadIds);
      if (attached.length !== owner.uploadIds.length) throw notFound();
      return attached;
    },

    /** Of the messages that have any, in the order in which they were given. */
    attachmentsOf: (
      transaction: Database,
      messageIds: readonly string[],
    ): Promise<Map<string, Attachment[]>> => listAttachments(transaction, messageIds),

    /** The messages' files go when the transaction ends; nobody gets them from then on. */
    async release(transaction: Database, messageIds: readonly string[]): Promise<void> {
      if ((await doomUploads(transaction, { messageIds }, now())) > 0) purgeSoon();
    },

    /**
     * Makes one's own upload one's picture, and gives where it is; `null` takes it away. The one before
     * is removed. Throws UPLOAD_NOT_FOUND.
     */
    async useAvatar(this: void, accountId: string, uploadId: string | null) {
      const url = await inTurn(db, `uploads ${accountId}`, async (transaction) => {
        await lockAccount(transaction, accountId);
        const owner = { accountId, kind: "avatar" } as const;
        const used = uploadId === null ? undefined : await useUpload(transaction, owner, uploadId);
        if (uploadId !== null && !used) throw notFound();
        await doomUploads(transaction, { accountId, usedAvatarsBut: used?.id }, now());
        return used?.upload.url ?? null;
      });
      purgeSoon();
      return url;
    },

    /** Keeps one's own voice reference for as long as a voice needs it. Throws UPLOAD_NOT_FOUND. */
    async useVoiceReference(
      transaction: Database,
      accountId: string,
      uploadId: string,
    ): Promise<Upload> {
      const owner = { accountId, kind: "voice-reference" } as const;
      const used = await useUpload(transaction, owner, uploadId);
      if (!used) throw notFound();
      return used.upload;
    },

    /** Whatever an account has sent is gone when this resolves; again after a failure. */
    async removeAllOf(this: void, accountId: string): Promise<void> {
      await doomUploads(db, { accountId }, now());
      await sweeper.purge({ accountId });
    },

    /** The same for what was sent into a room. */
    async removeAllOfRoom(roomId: string): Promise<void> {
      await doomUploads(db, { roomId }, now());
      // The room is gone, and its rows know of none any more.
      await sweeper.purge();
    },

    async close(): Promise<void> {
      closed = true;
      clearInterval(sweepTimer);
      for (const timer of timers) clearTimeout(timer);
      await sweeping;
      await Promise.all([inspectors.picture.close(), inspectors.sound.close()]);
    },
  };
}

function notFound(): AppError {
  return new AppError("UPLOAD_NOT_FOUND", "There is no such file.");
}
