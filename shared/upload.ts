import { z } from "zod";
import { idSchema, pageInputSchema } from "./page.ts";

/** What people send. */
export const sentUploadKinds = ["avatar", "room-photo", "room-audio", "voice-reference"] as const;
/** What a file is for: it decides what may be in it, who may see it, and how large it may be. */
export const uploadKinds = [...sentUploadKinds, "dubbed-voice"] as const;

export type SentUploadKind = (typeof sentUploadKinds)[number];
export type UploadKind = (typeof uploadKinds)[number];
/** Kinds that are sent into a room, and can be attached to a message in it. */
export type AttachmentKind = "room-photo" | "room-audio";

export const uploadKindSchema = z.enum(uploadKinds);
export const sentUploadKindSchema = z.enum(sentUploadKinds);

export function isAttachmentKind(kind: UploadKind): kind is AttachmentKind {
  return kind === "room-photo" || kind === "room-audio";
}

/** Characters of the name that a file is downloaded under. */
export const FILE_NAME_LIMIT = 120;
/** An upload that nothing uses within this is removed. */
export const UNUSED_UPLOAD_MS = 24 * 60 * 60 * 1000;

/**
 * POST /uploads/<kind>, multipart: one file, and for the kinds of a room its `roomId`, as a field before
 * the file or in the query. The answer is an Upload; errors look like those of procedures.
 */
export const uploadQuerySchema = z.object({ roomId: idSchema.optional() });

export const uploadInputSchema = z.object({ uploadId: idSchema });
/** One's own, the newest first. */
export const uploadListInputSchema = pageInputSchema.extend({ kind: uploadKindSchema.optional() });

/** A file as it was stored: images are encoded anew, so it isn't byte for byte what was sent. */
export type Upload = {
  id: string;
  kind: UploadKind;
  /** Where those who may see it get it, with ranges: a path on this server. */
  url: string;
  /** Media type, found in the content. */
  contentType: string;
  bytes: number;
  /** What the sender called it, made harmless. For people only. */
  name: string;
  /** Pixels, of images. */
  width?: number;
  height?: number;
  /** Of audio. */
  durationMs?: number;
  createdAt: string;
};

/** A file that belongs to a message. */
export type Attachment = Omit<Upload, "kind" | "createdAt"> & { kind: AttachmentKind };

/** Bytes that an account's files take, those on their way included, and may take. */
export type UploadQuota = { usedBytes: number; allowedBytes: number };

export type UploadList = { items: Upload[]; nextCursor?: string; quota: UploadQuota };
