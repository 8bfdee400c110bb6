import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import sharp from "sharp";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Database } from "../database/database.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount, insertSampleRoom } from "../database/testing/sample-rows.ts";
import { AppError } from "../kit/errors.ts";
import { silentLog } from "../kit/log.ts";
import { createLocalStorage } from "../storage/local-storage.ts";
import { createS3Storage } from "../storage/s3-storage.ts";
import { newStorageKey, type Storage, storageUnavailable } from "../storage/storage.ts";
import { startS3Server } from "../storage/testing/s3-server.ts";
import { mp3 } from "../testing/sound-files.ts";
import { uploadLimits } from "./upload-limits.ts";
import { createUploads, type UploadDependencies, type Uploads } from "./uploads.ts";

const QUOTA = 100_000;
const HOUR_MS = 60 * 60 * 1000;
const signal = new AbortController().signal;

let directory: string;
const opened: Uploads[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "parley-uploads-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((uploads) => uploads.close()));
  rmSync(directory, { recursive: true });
});

async function* pieces(content: Uint8Array, size = 4096): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < content.length; at += size) {
    yield content.subarray(at, at + size);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "it worked",
    (error: unknown) => (error instanceof AppError ? error.reason : error),
  );

const temporary = () => readdirSync(join(directory, "incoming"));

describeEachDialect("uploads", (open) => {
  let db: Database;
  let storage: Storage;

  beforeEach(async () => {
    ({ db } = await open());
    storage = await createLocalStorage(join(directory, "files"));
    for (const name of ["ann", "ben"]) await insertSampleAccount(db, name);
    for (const name of ["kitchen", "cellar"]) await insertSampleRoom(db, name);
  });

  async function openUploads(changes: Partial<UploadDependencies> = {}): Promise<Uploads> {
    const uploads = await createUploads({
      db,
      storage,
      incomingDirectory: join(directory, "incoming"),
      limits: { ...uploadLimits, quota: { registered: QUOTA, guest: 10_000 } },
      requireMember: () => Promise.resolve(),
      membership: (_roomId, _accountId, _procedure, signal) => Promise.resolve(signal),
      log: silentLog,
      sweepMs: HOUR_MS,
      ...changes,
    });
    opened.push(uploads);
    return uploads;
  }

  const send = (uploads: Uploads, frames = 20, changes = {}) =>
    uploads.receive({
      accountId: "ann",
      guest: false,
      kind: "room-audio",
      roomId: "kitchen",
      name: "said.mp3",
      source: pieces(mp3(frames)),
      signal,
      ...changes,
    });

  const used = async (uploads: Uploads, accountId = "ann") => {
    const { quota, items } = await uploads.list({ accountId, guest: false }, { limit: 100 });
    return { bytes: quota.usedBytes, files: items.length };
  };
  const stored = async () => (await storage.list({ limit: 1000 })).length;

  /** A file that no row knows. */
  async function putStray(): Promise<void> {
    const path = join(directory, "stray");
    writeFileSync(path, "stray");
    await storage.put(newStorageKey(), path, { contentType: "text/plain" });
  }

  it("together never take more than the quota, however they come", async () => {
    const uploads = await openUploads();
    const size = mp3(72).length;
    const sent = await Promise.all(
      Array.from({ length: 6 }, () => reasonOf(send(uploads, 72, { expectedBytes: size }))),
    );
    // Three have room, and those that came too late were told before they had sent anything.
    expect(sent.filter((outcome) => outcome === "it worked")).toHaveLength(3);
    expect(sent.filter((outcome) => outcome === "QUOTA_EXCEEDED")).toHaveLength(3);
    expect(await used(uploads)).toEqual({ bytes: 3 * size, files: 3 });
    expect(await stored()).toBe(3);
    expect(temporary()).toEqual([]);
  });

  it("count as what they became: a picture may grow when it is encoded anew", async () => {
    const pixels = new Uint8Array(8 * 8 * 3);
    crypto.getRandomValues(pixels);
    const small = await sharp(pixels, { raw: { width: 8, height: 8, channels: 3 } })
      .png()
      .toBuffer();
    const sendPicture = (uploads: Uploads) =>
      send(uploads, 0, { kind: "avatar", source: pieces(small), expectedBytes: small.length });
    const roomy = await openUploads();
    const { id, bytes } = await sendPicture(roomy);
    expect(bytes).toBeGreaterThan(small.length);
    expect((await used(roomy)).bytes).toBe(bytes);
    await roomy.remove("ann", id);
    const quota = { registered: bytes - 1, guest: 1 };
    const tight = await openUploads({ limits: { ...uploadLimits, quota } });
    expect(await reasonOf(sendPicture(tight))).toBe("QUOTA_EXCEEDED");
    expect(await used(tight)).toEqual({ bytes: 0, files: 0 });
    expect(await stored()).toBe(0);
    expect(temporary()).toEqual([]);
  });

  it("may take less of guests", async () => {
    const uploads = await openUploads();
    expect(await reasonOf(send(uploads, 30, { guest: true }))).toBe("QUOTA_EXCEEDED");
    expect(await reasonOf(send(uploads, 20, { guest: true }))).toBe("it worked");
  });

  it("give back what was set aside when they fail", async () => {
    const uploads = await openUploads();
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield mp3(10);
      await Promise.resolve();
      throw new Error("cut");
    }
    await expect(send(uploads, 0, { source: broken() })).rejects.toThrow("cut");
    expect(await reasonOf(send(uploads, 0, { source: pieces(Buffer.from("text")) }))).toBe(
      "UPLOAD_TYPE_REFUSED",
    );
    const stopping = new AbortController();
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        yield mp3(1);
        stopping.abort(new Error("enough"));
        await Promise.resolve();
      }
    }
    const aborted = send(uploads, 0, { source: endless(), signal: stopping.signal });
    await expect(aborted).rejects.toThrow("enough");
    expect(await used(uploads)).toEqual({ bytes: 0, files: 0 });
    expect(await stored()).toBe(0);
    expect(temporary()).toEqual([]);
    expect(await db.selectFrom("uploads").selectAll().execute()).toEqual([]);
  });

  it("of one account can't all come at once", async () => {
    const uploads = await openUploads();
    const waiting: (() => void)[] = [];
    async function* slow(): AsyncGenerator<Uint8Array> {
      await new Promise<void>((resolve) => waiting.push(resolve));
      yield mp3(3);
    }
    const sending = Array.from({ length: 6 }, () =>
      send(uploads, 0, { source: slow(), expectedBytes: 2000 }),
    );
    await expect.poll(() => waiting.length).toBe(6);
    expect(await reasonOf(send(uploads))).toBe("TOO_MANY_REQUESTS");
    for (const go of waiting) go();
    await Promise.all(sending);
    expect(await reasonOf(send(uploads))).toBe("it worked");
  });

  it("are listed newest first, in pages, by kind", async () => {
    const uploads = await openUploads();
    const first = await send(uploads);
    const second = await send(uploads, 20, { kind: "voice-reference" });
    const third = await send(uploads);
    const caller = { accountId: "ann", guest: false };
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await uploads.list(caller, { limit: 1, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    expect(seen.toSorted()).toEqual([first.id, second.id, third.id].toSorted());
    expect(new Set(seen).size).toBe(3);
    const voices = await uploads.list(caller, { limit: 9, kind: "voice-reference" });
    expect(voices.items).toEqual([second]);
    expect(await used(uploads, "ben")).toEqual({ bytes: 0, files: 0 });
  });

  it("belong to one message, in its order, or to none when the message is not written", async () => {
    const uploads = await openUploads();
    const [one, two] = [await send(uploads), await send(uploads)];
    const request = { accountId: "ann", roomId: "kitchen", messageId: "m1" };
    const take = (changes: object) =>
      db
        .transaction()
        .execute((transaction) =>
          uploads.take(transaction, { ...request, uploadIds: [two.id, one.id], ...changes }),
        );
    expect(await reasonOf(take({ accountId: "ben" }))).toBe("UPLOAD_NOT_FOUND");
    expect(await reasonOf(take({ roomId: "cellar" }))).toBe("UPLOAD_NOT_FOUND");
    expect(await reasonOf(take({ uploadIds: [one.id, one.id] }))).toBe("UPLOAD_NOT_FOUND");
    expect(await reasonOf(take({ uploadIds: [one.id, "none"] }))).toBe("UPLOAD_NOT_FOUND");
    expect((await uploads.attachmentsOf(db, ["m1"])).size).toBe(0);
    const attachments = await take({});
    expect(attachments.map(({ id }) => id)).toEqual([two.id, one.id]);
    expect(await uploads.attachmentsOf(db, ["m1", "m2"])).toEqual(new Map([["m1", attachments]]));
    expect(await reasonOf(take({ messageId: "m2" }))).toBe("UPLOAD_NOT_FOUND");
    expect(await reasonOf(uploads.remove("ann", one.id))).toBe("UPLOAD_IN_USE");
  });

  it("belong to no message once they are removed, though their file is still there", async () => {
    const remove = () => Promise.reject(storageUnavailable(new Error("read-only")));
    const uploads = await openUploads({ storage: { ...storage, remove } });
    const { id } = await send(uploads);
    await uploads.remove("ann", id);
    const message = { accountId: "ann", roomId: "kitchen", messageId: "m1" };
    const taking = uploads.take(db, { ...message, uploadIds: [id] });
    expect(await reasonOf(taking)).toBe("UPLOAD_NOT_FOUND");
  });

  it("are used for nothing but what they were sent for", async () => {
    const uploads = await openUploads();
    const { id } = await send(uploads);
    expect(await reasonOf(uploads.useAvatar("ann", id))).toBe("UPLOAD_NOT_FOUND");
    expect(await reasonOf(uploads.useVoiceReference(db, "ann", id))).toBe("UPLOAD_NOT_FOUND");
  });

  it("of which two messages want one go to one of them", async () => {
    const uploads = await openUploads();
    const { id } = await send(uploads);
    const outcomes = await Promise.all(
      ["m1", "m2", "m3"].map((messageId) =>
        reasonOf(
          db.transaction().execute((transaction) =>
            uploads.take(transaction, {
              accountId: "ann",
              roomId: "kitchen",
              messageId,
              uploadIds: [id],
            }),
          ),
        ),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === "it worked")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "UPLOAD_NOT_FOUND")).toHaveLength(2);
  });

  it("that are released are gone at once, and their files soon", async () => {
    const uploads = await openUploads();
    const { id } = await send(uploads);
    const request = { accountId: "ann", roomId: "kitchen", messageId: "m1", uploadIds: [id] };
    await uploads.take(db, request);
    const undone = db.transaction().execute(async (transaction) => {
      await uploads.release(transaction, ["m1"]);
      throw new Error("undone");
    });
    await expect(undone).rejects.toThrow("undone");
    expect((await uploads.get("ann", id)).id).toBe(id);
    await db.transaction().execute((transaction) => uploads.release(transaction, ["m1"]));
    expect(await reasonOf(uploads.get("ann", id))).toBe("UPLOAD_NOT_FOUND");
    expect((await used(uploads)).bytes).toBe(0);
    await expect.poll(stored).toBe(0);
  });

  it("are removed by whoever sent them, also while others' files can't be", async () => {
    const stuck = new Set<string>();
    const uploads = await openUploads({
      storage: {
        ...storage,
        remove: (key) =>
          stuck.has(key)
            ? Promise.reject(storageUnavailable(new Error("broken")))
            : storage.remove(key),
      },
    });
    const own = await send(uploads);
    await send(uploads, 20, { accountId: "ben" });
    const rows = await db.selectFrom("uploads").select(["storage_key", "account_id"]).execute();
    for (const row of rows) if (row.account_id === "ben") stuck.add(row.storage_key);
    expect(await reasonOf(uploads.removeAllOf("ben"))).toBe("STORAGE_UNAVAILABLE");
    await uploads.remove("ann", own.id);
    expect(await reasonOf(uploads.get("ann", own.id))).toBe("UPLOAD_NOT_FOUND");
    await expect.poll(stored).toBe(1);
    await send(uploads);
    await uploads.removeAllOf("ann");
    expect(await stored()).toBe(1);
  });

  it("break off for who is sent out of the room while they read them", async () => {
    const membership = new AbortController();
    const uploads = await openUploads({
      limits: uploadLimits,
      membership: (_roomId, _accountId, _procedure, signal) =>
        Promise.resolve(AbortSignal.any([membership.signal, signal])),
    });
    const { id } = await send(uploads, 2000);
    const content = await uploads.open("ann", id);
    const reading = (async () => {
      for await (const _part of content) membership.abort();
    })();
    await expect(reading).rejects.toThrow();
  });

  it("go with their account and with their room", async () => {
    const uploads = await openUploads();
    await send(uploads);
    await send(uploads, 20, { kind: "voice-reference" });
    await send(uploads, 20, { accountId: "ben" });
    await uploads.removeAllOf("ann");
    expect(await stored()).toBe(1);
    await uploads.removeAllOfRoom("kitchen");
    expect(await stored()).toBe(0);
    expect(await db.selectFrom("uploads").selectAll().execute()).toEqual([]);
  });

  it("that are on their way when the account goes leave nothing", async () => {
    const uploads = await openUploads();
    const gate = Promise.withResolvers<void>();
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield mp3(5);
      await gate.promise;
      yield mp3(5);
    }
    const sending = reasonOf(send(uploads, 0, { source: slow() }));
    await expect.poll(() => temporary().length).toBe(1);
    await uploads.removeAllOf("ann");
    await db.deleteFrom("accounts").where("id", "=", "ann").execute();
    gate.resolve();
    expect(await sending).toBe("NOT_SIGNED_IN");
    expect(await stored()).toBe(0);
    expect(temporary()).toEqual([]);
    expect(await db.selectFrom("uploads").selectAll().execute()).toEqual([]);
  });

  it("are not taken into a room that goes at that moment", async () => {
    const uploads = await openUploads();
    await db.deleteFrom("rooms").where("id", "=", "kitchen").execute();
    expect(await reasonOf(send(uploads))).toBe("ROOM_NOT_FOUND");
    expect(temporary()).toEqual([]);
  });

  it("that are removed at the very end leave nothing", async () => {
    const removing: Storage = {
      ...storage,
      async put(...file) {
        await storage.put(...file);
        await db.updateTable("uploads").set({ state: "removed" }).execute();
      },
    };
    const uploads = await openUploads({ storage: removing });
    expect(await reasonOf(send(uploads))).toBe("UPLOAD_NOT_FOUND");
    expect(await stored()).toBe(0);
    expect(await db.selectFrom("uploads").selectAll().execute()).toEqual([]);
  });

  it("that nobody needs are swept, and only those", async () => {
    const uploads = await openUploads();
    const age = (id: string, hours: number) => {
      const at = new Date(Date.now() - hours * HOUR_MS).toISOString();
      return db.updateTable("uploads").set({ expires_at: at }).where("id", "=", id).execute();
    };
    const [unused, fresh, attached, lost] = [
      await send(uploads),
      await send(uploads),
      await send(uploads),
      await send(uploads, 20, { accountId: "ben" }),
    ];
    const request = { accountId: "ann", roomId: "kitchen", messageId: "m1" };
    await uploads.take(db, { ...request, uploadIds: [attached.id] });
    await age(unused.id, 1);
    await db.deleteFrom("accounts").where("id", "=", "ben").execute();
    // Begun, and never heard of again.
    await db
      .insertInto("uploads")
      .values({
        id: "crashed",
        account_id: "ann",
        position: 0,
        kind: "avatar",
        state: "receiving",
        storage_key: newStorageKey(),
        name: "",
        content_type: "",
        bytes: 50_000,
        created_at: new Date().toISOString(),
        expires_at: new Date(Date.now() - 1000).toISOString(),
      })
      .execute();
    await uploads.sweep();
    const rest = await db.selectFrom("uploads").select("id").orderBy("id").execute();
    expect(rest.map(({ id }) => id)).toEqual([fresh.id, attached.id].toSorted());
    expect(rest.map(({ id }) => id)).not.toContain(lost.id);
    expect(await stored()).toBe(2);
    expect((await buffer(await uploads.open("ann", fresh.id))).equals(mp3(20))).toBe(true);
  });

  it("lose rows without files or messages, and files without rows", async () => {
    const uploads = await openUploads({ graceMs: 0 });
    const [kept, hollow, orphan] = [await send(uploads), await send(uploads), await send(uploads)];
    const request = { accountId: "ann", roomId: "kitchen", messageId: "never written" };
    await uploads.take(db, { ...request, uploadIds: [orphan.id] });
    const key = async (id: string) =>
      (
        await db
          .selectFrom("uploads")
          .select("storage_key")
          .where("id", "=", id)
          .executeTakeFirstOrThrow()
      ).storage_key;
    await storage.remove(await key(hollow.id));
    await putStray();
    await new Promise((resolve) => setTimeout(resolve, 5));
    await uploads.sweep();
    const rest = await db.selectFrom("uploads").select("id").execute();
    expect(rest).toEqual([{ id: kept.id }]);
    expect((await storage.list({ limit: 10 })).map((file) => file.key)).toEqual([
      await key(kept.id),
    ]);
  });

  it("stay when all at once seem to be gone: it is the disk that is", async () => {
    const uploads = await openUploads({ graceMs: 0 });
    for (let count = 0; count < 20; count += 1) await send(uploads, 4);
    rmSync(join(directory, "files"), { recursive: true });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await uploads.sweep();
    expect((await used(uploads)).files).toBe(20);
  });

  it("stay when all at once seem to be nobody's: it is the database that is another one", async () => {
    for (let count = 0; count < 20; count += 1) await putStray();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const uploads = await openUploads({ graceMs: 0 });
    await uploads.sweep();
    expect(await stored()).toBe(20);
  });

  it("stay while they are young: somebody may be about to say what they are", async () => {
    const uploads = await openUploads();
    await putStray();
    await send(uploads);
    const { storage_key: key } = await db
      .selectFrom("uploads")
      .select("storage_key")
      .executeTakeFirstOrThrow();
    await storage.remove(key);
    await uploads.sweep();
    expect(await stored()).toBe(1);
    expect((await used(uploads)).files).toBe(1);
  });

  it("leave no temporary files of a process that has crashed", async () => {
    mkdirSync(join(directory, "incoming"));
    const gone = join(directory, "incoming", "999999999-crashed");
    const old = join(directory, "incoming", `${process.pid}-old`);
    const fresh = join(directory, "incoming", `${process.pid}-fresh`);
    for (const path of [gone, old, fresh]) writeFileSync(path, "half");
    utimesSync(old, new Date(0), new Date(0));
    await openUploads();
    await expect.poll(temporary).toEqual([`${process.pid}-fresh`]);
  });

  it("are refused before the disk is full", async () => {
    const uploads = await openUploads({ keepFreeBytes: Number.MAX_SAFE_INTEGER });
    expect(await reasonOf(send(uploads))).toBe("STORAGE_UNAVAILABLE");
    expect(await used(uploads)).toEqual({ bytes: 0, files: 0 });
  });

  it("fail clearly while the disk is full, with nothing half done, and go on afterwards", async () => {
    const small = mountSmallDisk(directory);
    let broken = true;
    const failing: Storage = {
      ...storage,
      put: (key, path, options) =>
        broken
          ? Promise.reject(storageUnavailable(new Error("full")))
          : storage.put(key, path, options),
    };
    try {
      const uploads = await openUploads(
        small === undefined
          ? { storage: failing }
          : {
              storage: await createLocalStorage(join(small, "files")),
              incomingDirectory: join(small, "incoming"),
              keepFreeBytes: 0,
            },
      );
      const filler = join(small ?? directory, "filler");
      writeFileSync(filler, Buffer.alloc(40 * 1024));
      expect(await reasonOf(send(uploads, 100, { expectedBytes: 42_000 }))).toBe(
        "STORAGE_UNAVAILABLE",
      );
      expect(await used(uploads)).toEqual({ bytes: 0, files: 0 });
      if (small) expect(readdirSync(join(small, "incoming"))).toEqual([]);
      else expect(temporary()).toEqual([]);
      broken = false;
      rmSync(filler);
      expect(await reasonOf(send(uploads, 20, { expectedBytes: 8400 }))).toBe("it worked");
    } finally {
      if (small) execFileSync("umount", [small]);
    }
  });

  it("can be kept in S3 instead", async () => {
    const server = await startS3Server();
    const uploads = await openUploads({ storage: createS3Storage(server.settings) });
    try {
      const { id, bytes } = await send(uploads);
      expect(server.objects.size).toBe(1);
      const part = await uploads.open("ann", id, { range: { start: 417, end: 833 } });
      expect((await buffer(part)).equals(mp3(1))).toBe(true);
      expect((await used(uploads)).bytes).toBe(bytes);
      expect(temporary()).toEqual([]);
      await uploads.remove("ann", id);
      expect(server.objects.size).toBe(0);
    } finally {
      await server.close();
    }
  });
});

/** A file system of 64 KiB, where this process may mount one. */
function mountSmallDisk(parent: string): string | undefined {
  const path = join(parent, "small");
  mkdirSync(path);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", path], { stdio: "ignore" });
    return path;
  } catch {
    return undefined;
  }
}
