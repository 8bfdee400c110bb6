import { z } from "zod";
import { nameSchema } from "./account.ts";
import { type LanguageTag } from "./language.ts";
import { idSchema, pageInputSchema } from "./page.ts";

export const roomRoleSchema = z.enum(["owner", "moderator", "member", "listener"]);
export type RoomRole = z.infer<typeof roomRoleSchema>;

export const roomCreateInputSchema = z.object({ name: nameSchema });
export const roomInputSchema = z.object({ roomId: idSchema });
export const roomListInputSchema = pageInputSchema;

export type Room = {
  id: string;
  name: string;
  createdAt: string;
  /** People who have joined and not left. */
  memberCount: number;
  /** People who are there at this moment. */
  presentCount: number;
};

export type RoomMember = {
  accountId: string;
  name: string;
  language: LanguageTag;
  role: RoomRole;
  /** Has the room open at this moment. */
  present: boolean;
};

/** A room as one of its members sees it. */
export type RoomDetail = Room & { role: RoomRole; members: RoomMember[] };

/** Subscribing sends one `snapshot` first, unless `lastEventId` can be resumed without a gap. */
export const roomEventsInputSchema = roomInputSchema.extend({
  lastEventId: z.string().max(64).nullish(),
});

export type RoomEvent =
  | { type: "snapshot"; room: RoomDetail }
  | { type: "joined"; member: RoomMember }
  | { type: "left"; accountId: string }
  | { type: "role"; accountId: string; role: RoomRole }
  | { type: "present"; accountId: string; present: boolean }
  | { type: "muted"; accountId: string; muted: boolean }
  | { type: "speaking"; accountId: string; speaking: boolean };
