import { randomUUID } from "node:crypto";
import { mkdir, open, readdir, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { AppError } from "../kit/errors.ts";
import { toStorageError } from "../storage/disk-errors.ts";
import { storageUnavailable } from "../storage/storage.ts";

/** Left on the disk for the database and everything else that must go on. */
const KEEP_FREE_BYTES = 64 * 1024 * 1024;
/** Nothing is on its way for so long. */
const ABANDONED_MS = 6 * 60 * 60 * 1000;

export type Incoming = Awaited<ReturnType<typeof createIncoming>>;

/** Temporary files in `directory`, while they come in and are looked at. */
export async function createIncoming(options: { directory: string; keepFreeBytes?: number }) {
  const { directory, keepFreeBytes = KEEP_FREE_BYTES } = options;
  await guarded(mkdir(directory, { recursive: true, mode: 0o700 }));

  return {
    /** The name says whose it is: a process that is gone needs it no more. */
    newPath: () => join(directory, `${process.pid}-${randomUUID()}`),

    /** Throws STORAGE_UNAVAILABLE when so much more would fill the disk. */
    async requireSpace(bytes: number): Promise<void> {
      const { bavail, bsize } = await guarded(statfs(directory));
      if (bavail * bsize - bytes >= keepFreeBytes) return;
      throw storageUnavailable(new Error("the disk is nearly full"));
    },

    /**
     * Writes what comes to `path` and gives the number of bytes. `admit` is asked with the number so far
     * before each piece is written, and may throw. Of what fails nothing is left.
     */
    async receive(
      path: string,
      source: AsyncIterable<Uint8Array>,
      options: { signal: AbortSignal; admit: (bytes: number) => void | Promise<void> },
    ): Promise<number> {
      const { signal, admit } = options;
      const file = await guarded(open(path, "wx", 0o600));
      let bytes = 0;
      try {
        try {
          for await (const chunk of source) {
            signal.throwIfAborted();
            bytes += chunk.byteLength;
            await admit(bytes);
            await guarded(writeAll(file, chunk));
          }
          signal.throwIfAborted();
          await guarded(file.sync());
        } finally {
          await file.close();
        }
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
      return bytes;
    },

    discard: (path: string) => guarded(rm(path, { force: true })),

    /** Removes what processes that are gone have left. Gives how many. */
    async sweep(now = Date.now()): Promise<number> {
      let removed = 0;
      for (const name of await guarded(readdir(directory))) {
        const path = join(directory, name);
        const owner = Number(/^(\d+)-/u.exec(name)?.[1] ?? 0);
        const found = await stat(path).catch(() => undefined);
        if (!found) continue;
        if (isAlive(owner) && now - found.mtimeMs < ABANDONED_MS) continue;
        await guarded(rm(path, { force: true, recursive: true }));
        removed += 1;
      }
      return removed;
    },
  };
}

async function writeAll(
  file: { write: (data: Uint8Array) => Promise<{ bytesWritten: number }> },
  chunk: Uint8Array,
): Promise<void> {
  for (let rest = chunk; rest.byteLength > 0;) {
    const { bytesWritten } = await file.write(rest);
    rest = rest.subarray(bytesWritten);
  }
}

async function guarded<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AppError ? error : toStorageError(error);
  }
}

function isAlive(processId: number): boolean {
  if (processId <= 0) return false;
  try {
    // Only asks.
    process.kill(processId, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
