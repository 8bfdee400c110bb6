import type { SentUploadKind } from "../../shared/upload.ts";
import { AppError } from "../kit/errors.ts";

const MIB = 1024 * 1024;

/** How much may come in. Sizes are in bytes. */
export type UploadLimits = {
  /** Of one file, as it is sent. */
  bytes: Readonly<Record<SentUploadKind, number>>;
  /** Of all files of an account. */
  quota: { registered: number; guest: number };
  /** Of an image that is decoded. */
  pixels: number;
  seconds: Readonly<Record<"room-audio" | "voice-reference", number>>;
};

export const uploadLimits: UploadLimits = {
  bytes: {
    avatar: 10 * MIB,
    "room-photo": 25 * MIB,
    "room-audio": 200 * MIB,
    "voice-reference": 50 * MIB,
  },
  quota: { registered: 1024 * MIB, guest: 100 * MIB },
  pixels: 64_000_000,
  seconds: { "room-audio": 4 * 60 * 60, "voice-reference": 10 * 60 },
};

export function tooManyFiles(): AppError {
  const message = "Too many files come in at this moment. Try again in 5 seconds.";
  return new AppError("TOO_MANY_REQUESTS", message, { retryAfterSeconds: 5 });
}
