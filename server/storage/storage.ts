import type { Readable } from "node:stream";
import { AppError } from "../kit/errors.ts";

export type StoredFile = { key: string; bytes: number; modifiedAt: Date };

/** The first and the last byte, both included. */
export type ByteRange = { start: number; end: number };

/**
 * Keeps files under random keys, as `newStorageKey` makes them. Everything throws STORAGE_UNAVAILABLE
 * when the disk is full, or the server that keeps the files does not answer or refuses.
 */
export type Storage = {
  /**
   * Takes the file at `path` over, which is gone from there afterwards or still there when this rejects.
   * Of an attempt that fails nothing is left under the key.
   */
  put: (
    key: string,
    path: string,
    options: { contentType: string; signal?: AbortSignal },
  ) => Promise<void>;
  /** The content, or a part of it. `undefined` when there is none of the key. To be read or destroyed. */
  open: (
    key: string,
    options?: { range?: ByteRange; signal?: AbortSignal },
  ) => Promise<Readable | undefined>;
  has: (key: string) => Promise<boolean>;
  /** Removing what isn't there is no error. */
  remove: (key: string) => Promise<void>;
  /** In the order of their keys, those after `after`. */
  list: (options: { after?: string; limit: number }) => Promise<StoredFile[]>;
  /** Removes parts of what was begun before, and neither finished nor given up. */
  removeUnfinished: (before: Date) => Promise<void>;
  /** Rejects when nothing can be stored. */
  check: () => Promise<void>;
  close: () => void;
};

const KEY = /^[0-9a-f]{32}$/u;

/** Keys lead out of no folder, and nobody can guess one. */
export function newStorageKey(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex");
}

export function isStorageKey(text: string): boolean {
  return KEY.test(text);
}

/** Throws for what `newStorageKey` didn't make: it would be a fault of the program. */
export function requireStorageKey(key: string): string {
  if (!isStorageKey(key)) throw new Error("not a key of the storage");
  return key;
}

export function storageUnavailable(cause: unknown): AppError {
  const message = "The server cannot store or read files at the moment. Please try again later.";
  return new AppError("STORAGE_UNAVAILABLE", message, { cause });
}
