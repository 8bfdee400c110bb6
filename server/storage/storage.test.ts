import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../kit/errors.ts";
import { createLocalStorage } from "./local-storage.ts";
import { createS3Storage } from "./s3-storage.ts";
import { newStorageKey } from "./storage.ts";
import { describeStorage } from "./testing/describe-storage.ts";
import { startS3Server } from "./testing/s3-server.ts";

describeStorage("local", async (directory) => ({
  storage: await createLocalStorage(join(directory, "files")),
  close: () => Promise.resolve(),
}));

describeStorage("S3", async () => {
  const server = await startS3Server();
  return { storage: createS3Storage(server.settings), close: server.close };
});

const contentType = "text/plain";
const reasonOf = (promise: Promise<unknown>) =>
  promise.then(
    () => "it worked",
    (error: unknown) => (error instanceof AppError ? error.reason : error),
  );

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "parley-storage-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

describe("S3 storage", () => {
  let server: Awaited<ReturnType<typeof startS3Server>>;
  const file = () => join(directory, "file");

  beforeEach(async () => {
    server = await startS3Server();
    writeFileSync(file(), "hello");
  });
  afterEach(() => server.close());

  it.each([
    ["secret", { secretAccessKey: "another" }],
    ["access key", { accessKeyId: "AKIDOTHER" }],
    ["region", { region: "mars-1" }],
    ["bucket", { bucket: "other" }],
  ])("says so when the %s is wrong, and stores nothing", async (_name, wrong) => {
    const storage = createS3Storage({ ...server.settings, ...wrong });
    expect(await reasonOf(storage.check())).toBe("STORAGE_UNAVAILABLE");
    const key = newStorageKey();
    expect(await reasonOf(storage.put(key, file(), { contentType }))).toBe("STORAGE_UNAVAILABLE");
    expect(server.objects.size).toBe(0);
    expect(readdirSync(directory)).toEqual(["file"]);
    storage.close();
  });

  it("says so when nobody answers", async () => {
    const storage = createS3Storage(server.settings);
    await server.close();
    expect(await reasonOf(storage.check())).toBe("STORAGE_UNAVAILABLE");
    expect(await reasonOf(storage.open(newStorageKey()))).toBe("STORAGE_UNAVAILABLE");
    storage.close();
  });

  it("gives up the parts of a large file when it can't be finished", async () => {
    const storage = createS3Storage(server.settings);
    writeFileSync(file(), Buffer.alloc(20 * 1024 * 1024));
    server.setFault((request, response) => {
      if (!request.url?.includes("partNumber=2")) return false;
      request.resume();
      request.once("end", () => response.writeHead(507).end());
      return true;
    });
    const key = newStorageKey();
    expect(await reasonOf(storage.put(key, file(), { contentType }))).toBe("STORAGE_UNAVAILABLE");
    expect(server.objects.size).toBe(0);
    expect(server.uploads.size).toBe(0);
    storage.close();
  });

  it("lists its files past what others keep in the bucket", async () => {
    const storage = createS3Storage(server.settings);
    const others = ["0-backup", "1-backup", "2-backup", "zebra"];
    const keys = ["0", "2", "f"].map((digit) => digit.repeat(32));
    const object = { body: Buffer.from("hello"), type: contentType, modifiedAt: new Date() };
    for (const key of [...others, ...keys]) server.objects.set(key, object);
    const first = await storage.list({ limit: 2 });
    const rest = await storage.list({ after: first[1]?.key, limit: 2 });
    expect([first, rest].map((page) => page.map(({ key }) => key))).toEqual([
      keys.slice(0, 2),
      keys.slice(2),
    ]);
    storage.close();
  });

  it("removes what a crash left unfinished, but nothing that is under way", async () => {
    const storage = createS3Storage(server.settings);
    const pending = (startedAt: Date) => {
      const key = newStorageKey();
      server.uploads.set(key, { key, type: contentType, startedAt, parts: new Map() });
      return key;
    };
    pending(new Date("2026-01-01"));
    const recent = pending(new Date("2026-01-03"));
    await storage.removeUnfinished(new Date("2026-01-02"));
    expect(Array.from(server.uploads.keys())).toEqual([recent]);
    storage.close();
  });
});

describe("local storage", () => {
  it("is closed to other users of the machine", async () => {
    const storage = await createLocalStorage(join(directory, "files"));
    writeFileSync(join(directory, "incoming"), "hello");
    await storage.put(newStorageKey(), join(directory, "incoming"), { contentType });
    expect(statSync(join(directory, "files")).mode & 0o077).toBe(0);
  });

  it("lists its files past what others keep in the folder", async () => {
    const storage = await createLocalStorage(join(directory, "files"));
    writeFileSync(join(directory, "files", ".DS_Store"), "");
    writeFileSync(join(directory, "files", "readme"), "");
    writeFileSync(join(directory, "incoming"), "hello");
    const key = newStorageKey();
    await storage.put(key, join(directory, "incoming"), { contentType });
    expect(await storage.list({ limit: 2 })).toMatchObject([{ key }]);
  });

  it("says so when its folder is of no use any more", async () => {
    const storage = await createLocalStorage(join(directory, "files"));
    rmSync(join(directory, "files"), { recursive: true });
    writeFileSync(join(directory, "files"), "in the way");
    writeFileSync(join(directory, "incoming"), "hello");
    const put = storage.put(newStorageKey(), join(directory, "incoming"), { contentType });
    expect(await reasonOf(put)).toBe("STORAGE_UNAVAILABLE");
    expect(await reasonOf(storage.open(newStorageKey()))).toBe("STORAGE_UNAVAILABLE");
    expect(readdirSync(directory)).toContain("incoming");
  });
});
