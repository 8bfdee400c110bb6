import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, toStorageError } from "./disk-errors.ts";
import { isStorageKey, requireStorageKey, type Storage, type StoredFile } from "./storage.ts";

/** What else lies there is not ours. */
const FOLDER = /^[0-9a-f]{2}$/u;

/**
 * Files in `directory`, in 256 folders by the beginning of their keys. What is put must lie on the same
 * file system: it is moved.
 */
export async function createLocalStorage(directory: string): Promise<Storage> {
  const folderOf = (key: string) => join(directory, key.slice(0, 2));
  const pathOf = (key: string) => join(folderOf(key), requireStorageKey(key));
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch(rethrow);

  return {
    async put(key, path, { signal }) {
      const target = pathOf(key);
      try {
        signal?.throwIfAborted();
        await synchronise(path);
        await mkdir(folderOf(key), { recursive: true, mode: 0o700 });
        await rename(path, target);
        // The name is on the disk too, before anybody is told that the file is.
        await synchronise(folderOf(key));
      } catch (error) {
        throw toStorageError(error);
      }
    },

    async open(key, { range, signal } = {}) {
      try {
        const file = await open(pathOf(key), "r");
        return file.createReadStream({ ...range, signal });
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw toStorageError(error);
      }
    },

    async has(key) {
      try {
        return (await stat(pathOf(key))).isFile();
      } catch (error) {
        if (isMissing(error)) return false;
        throw toStorageError(error);
      }
    },

    remove: (key) => rm(pathOf(key), { force: true }).catch(rethrow),

    async list({ after = "", limit }) {
      const found: StoredFile[] = [];
      const folders = (await names(directory)).filter((name) => FOLDER.test(name));
      for (const folder of folders.filter((name) => name >= after.slice(0, 2))) {
        const keys = (await names(join(directory, folder))).filter(
          (name) => isStorageKey(name) && name.startsWith(folder) && name > after,
        );
        for (const key of keys) {
          if (found.length === limit) return found;
          const file = await describeFile(key, pathOf(key));
          if (file) found.push(file);
        }
      }
      return found;
    },

    // Moving is done or not done.
    removeUnfinished: () => Promise.resolve(),

    check: () => synchronise(directory).catch(rethrow),
    close: () => undefined,
  };
}

function rethrow(error: unknown): never {
  throw toStorageError(error);
}

async function synchronise(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Sorted. Of a folder that isn't there, none. */
async function names(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (isMissing(error)) return [];
    throw toStorageError(error);
  }
}

/** `undefined` when it was removed meanwhile. */
async function describeFile(key: string, path: string): Promise<StoredFile | undefined> {
  try {
    const { size, mtime } = await stat(path);
    return { key, bytes: size, modifiedAt: mtime };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw toStorageError(error);
  }
}
