import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newStorageKey, type Storage } from "../storage.ts";

/** What every storage does. `directory` is on the file system that files are put from. */
export function describeStorage(
  name: string,
  open: (directory: string) => Promise<{ storage: Storage; close: () => Promise<void> }>,
): void {
  describe(`${name} storage`, () => {
    let directory: string;
    let storage: Storage;
    let close: () => Promise<void>;
    const incoming = () => join(directory, "incoming");
    const contentType = "application/octet-stream";

    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), "parley-storage-"));
      ({ storage, close } = await open(directory));
    });
    afterEach(async () => {
      storage.close();
      await close();
      rmSync(directory, { recursive: true });
    });

    async function put(content: string | Uint8Array, key = newStorageKey()): Promise<string> {
      writeFileSync(incoming(), content);
      await storage.put(key, incoming(), { contentType });
      return key;
    }
    async function read(key: string, range?: { start: number; end: number }) {
      const stream = await storage.open(key, { range });
      return stream && (await buffer(stream)).toString();
    }

    it("can be used at once", () => expect(storage.check()).resolves.toBeUndefined());

    it("gives back what was put, and takes the file over", async () => {
      const key = await put("hello");
      expect(await read(key)).toBe("hello");
      expect(await storage.has(key)).toBe(true);
      expect(readdirSync(directory)).not.toContain("incoming");
    });

    it("keeps files that are larger than what it holds in memory", async () => {
      const bytes = Buffer.alloc(21 * 1024 * 1024, "0123456789");
      const key = await put(bytes);
      const stream = await storage.open(key);
      expect(stream && (await buffer(stream)).equals(bytes)).toBe(true);
    });

    it("gives a part of a file", async () => {
      const key = await put("0123456789");
      expect(await read(key, { start: 0, end: 0 })).toBe("0");
      expect(await read(key, { start: 3, end: 5 })).toBe("345");
      expect(await read(key, { start: 9, end: 9 })).toBe("9");
    });

    it("has nothing of what was never put, or is removed", async () => {
      const key = newStorageKey();
      expect(await storage.has(key)).toBe(false);
      expect(await storage.open(key)).toBeUndefined();
      await storage.remove(key);
      await put("hello", key);
      await storage.remove(key);
      expect(await storage.has(key)).toBe(false);
      expect(await storage.open(key)).toBeUndefined();
    });

    it("lists what it has, in pages", async () => {
      expect(await storage.list({ limit: 10 })).toEqual([]);
      const keys = [await put("a"), await put("bb"), await put("ccc")].toSorted();
      const before = Date.now() + 60_000;
      const first = await storage.list({ limit: 2 });
      const rest = await storage.list({ after: first[1]?.key, limit: 2 });
      const all = [...first, ...rest];
      expect(all.map(({ key }) => key)).toEqual(keys);
      expect(all.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(6);
      for (const { modifiedAt } of all) expect(modifiedAt.getTime()).toBeLessThan(before);
    });

    it("leaves nothing of what is given up", async () => {
      const key = newStorageKey();
      writeFileSync(incoming(), "hello");
      const signal = AbortSignal.abort(new Error("enough"));
      await expect(storage.put(key, incoming(), { contentType, signal })).rejects.toThrow("enough");
      expect(await storage.has(key)).toBe(false);
      expect(readdirSync(directory)).toContain("incoming");
    });

    it("takes no name that somebody made up", async () => {
      await expect(storage.open("../../etc/passwd")).rejects.toThrow("not a key");
      await expect(storage.has("..")).rejects.toThrow("not a key");
    });
  });
}
