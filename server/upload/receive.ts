import { randomUUID } from "node:crypto";
import { stat } from "node:fs/promises";
import type { RoomProcedure } from "../../shared/permission.ts";
import {
  isAttachmentKind,
  type SentUploadKind,
  type Upload,
  UNUSED_UPLOAD_MS,
} from "../../shared/upload.ts";
import type { Database } from "../database/database.ts";
import { isOrphan } from "../database/database-errors.ts";
import { inTurn } from "../database/in-turn.ts";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";
import { newStorageKey, type Storage } from "../storage/storage.ts";
import type { Examine } from "./examine.ts";
import { cleanFileName, downloadName } from "./file-name.ts";
import type { Incoming } from "./incoming.ts";
import { deleteUpload } from "./sweep-store.ts";
import type { UploadLimits } from "./upload-limits.ts";
import {
  completeUpload,
  doomUploads,
  insertUpload,
  lockAccount,
  renewUpload,
  sumBytes,
} from "./upload-store.ts";

export type ReceiveInput = {
  accountId: string;
  guest: boolean;
  kind: SentUploadKind;
  /** For the kinds that belong to a room. */
  roomId?: string | undefined;
  /** What the sender calls the file: anything at all. */
  name: string;
  /** Bytes of the file, as far as they are known before; it may be a little less. */
  expectedBytes?: number | undefined;
  source: AsyncIterable<Uint8Array>;
  signal: AbortSignal;
};

export type ReceiveDependencies = {
  db: Database;
  storage: Storage;
  incoming: Incoming;
  examine: Examine;
  limits: UploadLimits;
  /** Throws unless the account is a member of the room who may call the procedure. */
  requireMember: (roomId: string, accountId: string, procedure: RoomProcedure) => Promise<unknown>;
  log: Log;
};

/** What a request holds besides the file. */
const ENVELOPE_BYTES = 16 * 1024;
/** Files of one account on their way at a time, on this node. */
const AT_A_TIME = 6;
/** What comes to a standstill without a word, as in a crash, counts no longer than this. */
const LEASE_MS = 10 * 60 * 1000;
const RENEW_MS = 60 * 1000;
const STORE_MS = LEASE_MS / 2;

/**
 * Takes files in. The bytes that a file may have are set aside before the first of them is taken, so
 * that files which come at the same time can't exceed the quota together.
 */
export function createReceive(deps: ReceiveDependencies) {
  const { db, storage, incoming, examine, limits, requireMember, log } = deps;
  const underWay = new Map<string, number>();
  const inFuture = (ms: number) => new Date(Date.now() + ms).toISOString();

  async function reserve(input: ReceiveInput, roomId: string | undefined) {
    const { accountId, kind, expectedBytes } = input;
    const limit = limits.bytes[kind];
    const allowed = input.guest ? limits.quota.guest : limits.quota.registered;
    const least = Math.max(0, (expectedBytes ?? 0) - ENVELOPE_BYTES);
    if (least > limit) throw tooLarge(limit);
    const id = randomUUID();
    const storageKey = newStorageKey();
    const reserved = await inTurn(db, `uploads ${accountId}`, async (transaction) => {
      if (!(await lockAccount(transaction, accountId))) throw accountGone();
      const left = allowed - (await sumBytes(transaction, accountId));
      if (left <= 0 || least > left) throw quotaExceeded();
      const bytes = Math.min(limit, left, expectedBytes ?? limit);
      await insertUpload(transaction, {
        id,
        accountId,
        roomId,
        kind,
        storageKey,
        name: "",
        bytes,
        createdAt: new Date().toISOString(),
        expiresAt: inFuture(LEASE_MS),
      });
      return bytes;
    }).catch((error: unknown) => {
      // Its room was removed since it was looked for.
      throw isOrphan(error) ? roomGone() : error;
    });
    return { id, storageKey, reserved, limit, allowed };
  }
  type Reservation = Awaited<ReturnType<typeof reserve>>;

  /** Images are encoded anew, and may get larger. */
  async function settle(
    input: ReceiveInput,
    { id, reserved, allowed }: Reservation,
    bytes: number,
  ) {
    await inTurn(db, `uploads ${input.accountId}`, async (transaction) => {
      if (!(await lockAccount(transaction, input.accountId))) throw accountGone();
      const others = (await sumBytes(transaction, input.accountId)) - reserved;
      if (others + bytes > allowed) throw quotaExceeded();
      const changes = { expiresAt: inFuture(LEASE_MS), bytes };
      if (!(await renewUpload(transaction, id, changes))) throw removedMeanwhile();
    });
  }

  async function takeIn(input: ReceiveInput, reservation: Reservation): Promise<Upload> {
    const { id, storageKey, reserved, limit } = reservation;
    const { signal } = input;
    const received = incoming.newPath();
    const temporary = [received];
    let renewedAt = Date.now();
    try {
      const size = await incoming.receive(received, input.source, {
        signal,
        async admit(bytes) {
          if (bytes > limit) throw tooLarge(limit);
          if (bytes > reserved) throw quotaExceeded();
          if (Date.now() - renewedAt < RENEW_MS) return;
          renewedAt = Date.now();
          const renewed = await renewUpload(db, id, { expiresAt: inFuture(LEASE_MS) });
          if (!renewed) throw removedMeanwhile();
        },
      });
      if (size === 0) throw new AppError("UPLOAD_EMPTY", "There is nothing in this file.");
      const { path, content } = await examine({ ...input, path: received }, incoming.newPath);
      temporary.push(path);
      const { size: bytes } = await stat(path);
      await settle(input, reservation, bytes);
      const { contentType } = content;
      await storage.put(storageKey, path, {
        contentType,
        signal: AbortSignal.any([signal, AbortSignal.timeout(STORE_MS)]),
      });
      const name = downloadName(cleanFileName(input.name), contentType);
      const stored = await completeUpload(
        db,
        id,
        { ...content, name, bytes },
        inFuture(UNUSED_UPLOAD_MS),
      );
      if (!stored) throw removedMeanwhile();
      return stored.upload;
    } finally {
      await Promise.all(temporary.map((path) => incoming.discard(path))).catch((error: unknown) =>
        log.warn({ err: error }, "a temporary file stays until the next start"),
      );
    }
  }

  /** Should this fail, the row's time runs out, and it is swept. */
  async function giveUp({ id, storageKey }: Reservation): Promise<void> {
    try {
      await doomUploads(db, { id }, new Date().toISOString());
      await storage.remove(storageKey);
      await deleteUpload(db, id);
    } catch (error) {
      log.warn({ err: error }, "what is left of a failed upload waits to be swept");
    }
  }

  /**
   * Throws what `requireMember` does, and NOT_SIGNED_IN, INPUT_INVALID, UPLOAD_EMPTY, UPLOAD_TOO_LARGE,
   * QUOTA_EXCEEDED, TOO_MANY_REQUESTS, STORAGE_UNAVAILABLE, and what `examine` does. Then nothing of
   * the file is left.
   */
  return async function receive(input: ReceiveInput): Promise<Upload> {
    const { accountId, kind } = input;
    const roomId = isAttachmentKind(kind) ? input.roomId : undefined;
    if (isAttachmentKind(kind)) {
      if (roomId === undefined)
        throw new AppError("INPUT_INVALID", '"roomId" has to be said first.');
      await requireMember(roomId, accountId, "chat.send");
    }
    const already = underWay.get(accountId) ?? 0;
    if (already >= AT_A_TIME) throw tooManyAtOnce();
    underWay.set(accountId, already + 1);
    try {
      const reservation = await reserve(input, roomId);
      try {
        // Once for what comes, and once for what is made of it.
        await incoming.requireSpace(reservation.reserved * 2);
        return await takeIn(input, reservation);
      } catch (error) {
        await giveUp(reservation);
        throw error;
      }
    } finally {
      const rest = (underWay.get(accountId) ?? 1) - 1;
      if (rest === 0) underWay.delete(accountId);
      else underWay.set(accountId, rest);
    }
  };
}

function tooLarge(limit: number): AppError {
  const size = limit >= 1024 * 1024 ? `${Math.floor(limit / 1024 / 1024)} MiB` : `${limit} bytes`;
  return new AppError("UPLOAD_TOO_LARGE", `This file is larger than ${size}.`);
}

function quotaExceeded(): AppError {
  return new AppError("QUOTA_EXCEEDED", "Your files take all the space that they may.");
}

function accountGone(): AppError {
  return new AppError("NOT_SIGNED_IN", "This account does not exist any more.");
}

function roomGone(): AppError {
  return new AppError("ROOM_NOT_FOUND", "There is no such room.");
}

function removedMeanwhile(): AppError {
  return new AppError("UPLOAD_NOT_FOUND", "This file was removed while it came in.");
}

function tooManyAtOnce(): AppError {
  const message = "Too many of your files come in at once. Wait until one of them is there.";
  return new AppError("TOO_MANY_REQUESTS", message, { retryAfterSeconds: 2 });
}
