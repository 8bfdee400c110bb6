import { storageUnavailable } from "./storage.ts";

/** Full, over its quota, broken, read-only, out of handles, or not ours. */
const DISK_UNAVAILABLE = new Set([
  "ENOSPC",
  "EDQUOT",
  "EIO",
  "EROFS",
  "EMFILE",
  "ENFILE",
  "EACCES",
  "EPERM",
  "ENOTDIR",
  "ESTALE",
  "ETXTBSY",
]);

/** What the file system threw: STORAGE_UNAVAILABLE when its state is the reason, else as it is. */
export function toStorageError(error: unknown): unknown {
  return DISK_UNAVAILABLE.has(errorCode(error)) ? storageUnavailable(error) : error;
}

export function isMissing(error: unknown): boolean {
  return errorCode(error) === "ENOENT";
}

function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}
