import { rm } from "node:fs/promises";
import type { SentUploadKind } from "../../shared/upload.ts";
import { AppError } from "../kit/errors.ts";
import { toStorageError } from "../storage/disk-errors.ts";
import { imageTypes, type Images } from "./images.ts";
import type { AudioContent } from "./inspection.ts";
import type { Inspector } from "./inspector.ts";
import type { UploadLimits } from "./upload-limits.ts";
import type { Content } from "./upload-store.ts";

/** What is stored, and where it lies until it is. */
export type Examined = { path: string; content: Omit<Content, "name" | "bytes"> };

/** What was sent, and by whom. */
type Sent = { kind: SentUploadKind; accountId: string; path: string };

export type Examine = (sent: Sent, newPath: () => string) => Promise<Examined>;

/**
 * Looks at what came: its content decides what it is. Images are encoded anew into a file of their own,
 * sound stays as it was sent, with the tags in it, which nobody here reads. Throws UPLOAD_TYPE_REFUSED,
 * IMAGE_INVALID, IMAGE_TOO_LARGE, AUDIO_INVALID, AUDIO_TOO_LONG, TOO_MANY_REQUESTS or STORAGE_UNAVAILABLE.
 */
export function createExamine(deps: {
  /** Sound takes longer to look at, and nobody's picture waits for it. */
  inspectors: { picture: Inspector; sound: Inspector };
  images: Images;
  limits: UploadLimits;
}): Examine {
  const { inspectors, images, limits } = deps;

  async function examineImage(
    { path, accountId }: Sent,
    newPath: () => string,
    shape: "square" | "whole",
  ): Promise<Examined> {
    const { type } = await inspectors.picture.inspect(path, { audio: false, accountId });
    if (type === undefined || !imageTypes.has(type)) {
      throw refused("Only pictures are taken here: JPEG, PNG, WebP, GIF and AVIF.");
    }
    const output = newPath();
    try {
      const { contentType, width, height } = await images.encode(path, output, shape);
      return { path: output, content: { contentType, width, height } };
    } catch (error) {
      await rm(output, { force: true }).catch(() => undefined);
      throw toStorageError(error);
    }
  }

  async function examineAudio({ path, accountId }: Sent, limitSeconds: number): Promise<Examined> {
    const { type, audio } = await inspectors.sound.inspect(path, { audio: true, accountId });
    if (type === undefined) {
      throw refused("Only sound is taken here: WAV, MP3, M4A, AAC, Ogg, FLAC and WebM.");
    }
    const durationMs = requireSound(audio, limitSeconds);
    return { path, content: { contentType: type, durationMs } };
  }

  return (sent, newPath) => {
    switch (sent.kind) {
      case "avatar":
        return examineImage(sent, newPath, "square");
      case "room-photo":
        return examineImage(sent, newPath, "whole");
      case "room-audio":
      case "voice-reference":
        return examineAudio(sent, limits.seconds[sent.kind]);
    }
  };
}

/** Gives the duration in milliseconds. */
function requireSound(audio: AudioContent | undefined, limitSeconds: number): number {
  if (audio?.hasVideo) throw refused("This file holds a film. Only sound is taken here.");
  if (!audio?.hasAudio || !((audio.sampleRate ?? 0) > 0)) throw invalidAudio();
  const { duration } = audio;
  if (duration === undefined || !Number.isFinite(duration) || duration <= 0) throw invalidAudio();
  if (duration > limitSeconds) {
    const minutes = Math.floor(limitSeconds / 60);
    throw new AppError("AUDIO_TOO_LONG", `This recording is longer than ${minutes} minutes.`);
  }
  return Math.round(duration * 1000);
}

function refused(message: string): AppError {
  return new AppError("UPLOAD_TYPE_REFUSED", message);
}

function invalidAudio(): AppError {
  return new AppError("AUDIO_INVALID", "No sound could be found in this file.");
}
