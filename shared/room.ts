import { z } from "zod";
import { nameSchema } from "./name.ts";
import { languageSchema, type LanguageTag } from "./language.ts";
import { idSchema, pageInputSchema } from "./page.ts";

/** A listener reads and hears, and neither writes nor speaks. */
export const roomRoleSchema = z.enum(["owner", "moderator", "member", "listener"]);
export type RoomRole = z.infer<typeof roomRoleSchema>;

/** A private room is to be found by nobody, and who is no member is told that there is none. */
export const visibilitySchema = z.enum(["public", "private"]);
export type Visibility = z.infer<typeof visibilitySchema>;

/** In degrees. Kept to the millionth of one, which is a decimetre. */
export const placeSchema = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
});
export type Place = z.infer<typeof placeSchema>;

export const ROOM_LIMITS = {
  description: 1000,
  languages: 20,
  glossaryPairs: 20,
  /** In all pairs of languages together. */
  glossaryTerms: 200,
  termLength: 80,
  capacity: 10_000,
  inviteUses: 10_000,
  inviteSeconds: 365 * 24 * 60 * 60,
} as const;

const termSchema = z
  .string()
  .max(ROOM_LIMITS.termLength)
  .transform((text) => text.normalize("NFC").replace(/\s+/gu, " ").trim())
  .pipe(z.string().min(1));

/** What must be translated by what, from one language to another. */
export const glossarySchema = z
  .array(
    z.object({
      from: languageSchema,
      to: languageSchema,
      terms: z
        .array(z.object({ term: termSchema, translation: termSchema }))
        .min(1)
        .max(ROOM_LIMITS.glossaryTerms),
    }),
  )
  .max(ROOM_LIMITS.glossaryPairs)
  .refine(
    (pairs) =>
      pairs.reduce((count, { terms }) => count + terms.length, 0) <= ROOM_LIMITS.glossaryTerms,
    { message: `a glossary has ${ROOM_LIMITS.glossaryTerms} terms at most` },
  )
  .refine((pairs) => new Set(pairs.map(({ from, to }) => `${from} ${to}`)).size === pairs.length, {
    message: "each pair of languages comes once",
  });
export type Glossary = z.infer<typeof glossarySchema>;

export const roomSettingsSchema = z.object({
  /** That people speak there. */
  languages: z
    .array(languageSchema)
    .max(ROOM_LIMITS.languages)
    .transform((languages) => Array.from(new Set(languages)))
    .default([]),
  glossary: glossarySchema.default([]),
  /** Messages are there for who comes later. */
  keepHistory: z.boolean().default(true),
  /** Captions are there for who comes later. */
  keepCaptions: z.boolean().default(true),
  /** The least role that may open a microphone. */
  speak: z.enum(["member", "moderator", "owner"]).default("member"),
});
export type RoomSettings = z.infer<typeof roomSettingsSchema>;

const roomPasswordSchema = z.string().min(1).max(256);
const descriptionSchema = z
  .string()
  .max(4 * ROOM_LIMITS.description)
  .transform((text) =>
    text
      .normalize("NFC")
      .replace(/[^\P{C}\n\u{200c}\u{200d}]/gu, " ")
      .trim(),
  )
  .refine((text) => Array.from(text).length <= ROOM_LIMITS.description, {
    message: `a description has ${ROOM_LIMITS.description} characters at most`,
  });
const capacitySchema = z.int().min(1).max(ROOM_LIMITS.capacity);

export const roomCreateInputSchema = z.object({
  name: nameSchema,
  description: descriptionSchema.default(""),
  visibility: visibilitySchema.default("public"),
  /** Who is not invited must say it. A private room without one is for those who are invited. */
  password: roomPasswordSchema.optional(),
  place: placeSchema.optional(),
  /** Members it may have. Without it, as many as come. */
  capacity: capacitySchema.optional(),
  locked: z.boolean().default(false),
  lobby: z.boolean().default(false),
  settings: roomSettingsSchema.prefault({}),
});

/** What is not given stays. `null` takes away. */
export const roomUpdateInputSchema = z.object({
  roomId: idSchema,
  name: nameSchema.optional(),
  description: descriptionSchema.optional(),
  visibility: visibilitySchema.optional(),
  password: roomPasswordSchema.nullish(),
  place: placeSchema.nullish(),
  capacity: capacitySchema.nullish(),
  /** Nobody new comes in. */
  locked: z.boolean().optional(),
  /** Who comes waits until a moderator admits them. */
  lobby: z.boolean().optional(),
  settings: z
    .object({
      languages: roomSettingsSchema.shape.languages.unwrap().optional(),
      glossary: glossarySchema.optional(),
      keepHistory: z.boolean().optional(),
      keepCaptions: z.boolean().optional(),
      speak: roomSettingsSchema.shape.speak.unwrap().optional(),
    })
    .optional(),
});

const inviteSchema = z.string().min(1).max(128);

export const roomInputSchema = z.object({ roomId: idSchema });
export const roomListInputSchema = pageInputSchema;
export const roomMembersInputSchema = pageInputSchema.extend({ roomId: idSchema });
export const roomAccountInputSchema = roomInputSchema.extend({ accountId: idSchema });
/** One of both is needed: an invitation says itself which room it is to. */
export const roomJoinInputSchema = z
  .object({
    roomId: idSchema.optional(),
    password: z.string().max(256).optional(),
    invite: inviteSchema.optional(),
  })
  .refine(({ roomId, invite }) => roomId !== undefined || invite !== undefined, {
    message: "which room is it",
  });
export const roomSetRoleInputSchema = roomAccountInputSchema.extend({ role: roomRoleSchema });
export const roomMuteInputSchema = roomAccountInputSchema.extend({
  /** `false` lets them speak again. */
  muted: z.boolean().default(true),
});
export const roomCreateInviteInputSchema = roomInputSchema.extend({
  /** Seven days when it isn't given. */
  expiresInSeconds: z.int().min(1).max(ROOM_LIMITS.inviteSeconds).optional(),
  /** People who may come by it. Without it, as many as come. */
  uses: z.int().min(1).max(ROOM_LIMITS.inviteUses).optional(),
  /** What they become. Below one's own role. */
  role: z.enum(["moderator", "member", "listener"]).default("member"),
});
export const roomRevokeInviteInputSchema = roomInputSchema.extend({ inviteId: idSchema });
export const roomInvitationInputSchema = z.object({ invite: inviteSchema });

/** Up to the other side of the Earth. */
const radiusSchema = z.number().positive().max(20_100_000);
const nearSchema = placeSchema.extend({ radiusMetres: radiusSchema });

/** Public rooms. All that is given must be true of them. With `near` the nearest come first. */
export const roomSearchInputSchema = pageInputSchema.extend({
  /** Words, in any script, of the name and the description. */
  text: z.string().max(256).optional(),
  language: languageSchema.optional(),
  near: nearSchema.optional(),
});

/** Public rooms, the nearest first. */
export const roomNearbyInputSchema = pageInputSchema.extend(nearSchema.shape);

/** In degrees. Where `west` is greater than `east` the box lies across the antimeridian. */
export const roomWithinInputSchema = z
  .object({
    south: z.number().min(-90).max(90),
    west: z.number().min(-180).max(180),
    north: z.number().min(-90).max(90),
    east: z.number().min(-180).max(180),
    limit: z.int().min(1).max(500).default(100),
  })
  .refine(({ south, north }) => south <= north, { message: "south is south of north" });

export type Room = {
  id: string;
  name: string;
  description: string;
  visibility: Visibility;
  hasPassword: boolean;
  locked: boolean;
  lobby: boolean;
  /** That people speak there, as far as it was set. */
  languages: LanguageTag[];
  place?: Place;
  /** Members it may have. */
  capacity?: number;
  createdAt: string;
  /** People who have joined and not left. */
  memberCount: number;
  /** People who are there at this moment. */
  presentCount: number;
};

/** What a list by place has besides. */
export type RoomAtDistance = Room & {
  /** Along the surface, from the point that was asked about: for a box, from its middle. */
  distanceMetres: number;
};

export type RoomMember = {
  accountId: string;
  name: string;
  language: LanguageTag;
  avatarUrl?: string;
  role: RoomRole;
  /** Has the room open at this moment. */
  present: boolean;
  /** A moderator took the microphone away from them. */
  silenced: boolean;
};

/** A room as one of its members sees it. */
export type RoomDetail = Room & {
  /** Of who sees it; so is `role`. */
  ownAccountId: string;
  role: RoomRole;
  members: RoomMember[];
  settings: RoomSettings;
};

/** As much of a room as somebody sees who is asked in, or who waits to be. */
export type RoomPreview = Pick<
  Room,
  "id" | "name" | "description" | "languages" | "memberCount" | "presentCount"
>;

/** Who comes in gets the room, who has to wait for a moderator follows `room.onAdmission`. */
export type RoomJoined =
  | ({ status: "joined" } & RoomDetail)
  | { status: "waiting"; room: RoomPreview };

/** What becomes of somebody who waits. The last two are the end. */
export type RoomAdmissionEvent = { type: "waiting" } | { type: "admitted" } | { type: "refused" };

export type RoomWaiting = {
  accountId: string;
  name: string;
  language: LanguageTag;
  avatarUrl?: string;
  since: string;
};

export type RoomBan = {
  accountId: string;
  name: string;
  bannedAt: string;
};

export type RoomInvite = {
  id: string;
  role: Exclude<RoomRole, "owner">;
  createdAt: string;
  expiresAt: string;
  /** Absent where as many may come as like. */
  usesLeft?: number;
  createdBy: { accountId: string; name: string };
};

/** `code` is shown this once: the server keeps only its hash. */
export type NewRoomInvite = RoomInvite & { roomId: string; code: string };

/** What somebody sees who has an invitation, before they have a session. */
export type RoomInvitation = {
  room: RoomPreview;
  role: RoomInvite["role"];
  /** Some of those who are in the room, the longest there first. */
  people: Pick<RoomMember, "name" | "language" | "avatarUrl">[];
};

/** Subscribing sends one `snapshot` first, unless `lastEventId` can be resumed without a gap. */
export const roomEventsInputSchema = roomInputSchema.extend({
  lastEventId: z.string().max(64).nullish(),
});

/** What of a room can be changed. */
export type RoomChange = Pick<
  RoomDetail,
  | "name"
  | "description"
  | "visibility"
  | "hasPassword"
  | "locked"
  | "lobby"
  | "languages"
  | "place"
  | "capacity"
  | "settings"
>;

export type RoomEvent =
  | { type: "snapshot"; room: RoomDetail }
  | { type: "joined"; member: RoomMember }
  /** Without `why`, of their own accord. */
  | { type: "left"; accountId: string; why?: "kicked" | "banned" }
  | { type: "role"; accountId: string; role: RoomRole }
  | {
      type: "renamed";
      accountId: string;
      name: string;
      language: LanguageTag;
      avatarUrl?: string;
    }
  | { type: "present"; accountId: string; present: boolean }
  /** They did it themselves. */
  | { type: "muted"; accountId: string; muted: boolean }
  | { type: "speaking"; accountId: string; speaking: boolean }
  /** A moderator did it. */
  | { type: "silenced"; accountId: string; silenced: boolean }
  /** All that can be changed of the room, as it is now. */
  | { type: "changed"; change: RoomChange }
  /** Nothing comes after it. */
  | { type: "removed" }
  | RoomModeratorEvent;

/** Only moderators and the owner are sent these. */
export type RoomModeratorEvent =
  | { type: "waiting"; person: RoomWaiting }
  /** Was admitted or refused, or went. */
  | { type: "notWaiting"; accountId: string }
  | { type: "banned"; ban: RoomBan }
  | { type: "unbanned"; accountId: string }
  | { type: "invited"; invite: RoomInvite }
  | { type: "inviteRevoked"; inviteId: string };
