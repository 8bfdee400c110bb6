import { sql } from "kysely";
import { z } from "zod";
import { baseLanguage, type LanguageTag, languageSchema } from "../../shared/language.ts";
import {
  glossarySchema,
  type Place,
  type Room,
  type RoomSettings,
  type Visibility,
} from "../../shared/room.ts";
import type { Database } from "../database/database.ts";
import { toNumberedCell } from "./cells.ts";
import { indexRoom } from "./room-search-store.ts";

export type StoredRoom = Omit<Room, "presentCount"> & { settings: RoomSettings };
/** Where a list of rooms goes on. */
export type RoomPosition = [activeAt: string, roomId: string];

/** All of a room that can be changed, as it is stored. */
export type RoomContent = {
  name: string;
  description: string;
  visibility: Visibility;
  password: { hash: string; setAt: string } | undefined;
  place: Place | undefined;
  capacity: number | undefined;
  locked: boolean;
  lobby: boolean;
  settings: RoomSettings;
};

const languagesSchema = z.array(languageSchema);

function toRow(content: RoomContent) {
  const { name, description, visibility, password, place, capacity, locked, lobby } = content;
  const { languages, glossary, keepHistory, keepCaptions, speak } = content.settings;
  return {
    name,
    description,
    visibility,
    password_hash: password?.hash ?? null,
    password_set_at: password?.setAt ?? null,
    latitude: place?.latitude ?? null,
    longitude: place?.longitude ?? null,
    public_cell: place && visibility === "public" ? toNumberedCell(place) : null,
    capacity: capacity ?? null,
    locked: Number(locked),
    lobby: Number(lobby),
    keep_history: Number(keepHistory),
    keep_captions: Number(keepCaptions),
    speak,
    languages: JSON.stringify(languages),
    glossary: JSON.stringify(glossary),
  };
}

export async function insertRoom(
  db: Database,
  room: RoomContent & { id: string; createdAt: string },
): Promise<void> {
  const { id, createdAt } = room;
  await db
    .insertInto("rooms")
    .values({ ...toRow(room), id, created_at: createdAt, active_at: createdAt })
    .execute();
  await insertLanguages(db, id, room.settings.languages);
  await indexRoom(db, { id, searchRow: null, text: searchedText(room) });
}

export async function updateRoom(
  db: Database,
  roomId: string,
  content: RoomContent,
): Promise<void> {
  const { searchRow } = await db
    .updateTable("rooms")
    .set(toRow(content))
    .where("id", "=", roomId)
    .returning("search_row as searchRow")
    .executeTakeFirstOrThrow();
  await db.deleteFrom("room_languages").where("room_id", "=", roomId).execute();
  await insertLanguages(db, roomId, content.settings.languages);
  await indexRoom(db, { id: roomId, searchRow, text: searchedText(content) });
}

/** The line keeps words of the one from standing beside words of the other. */
function searchedText({ name, description }: RoomContent): string {
  return `${name}\n${description}`;
}

async function insertLanguages(
  db: Database,
  roomId: string,
  languages: readonly LanguageTag[],
): Promise<void> {
  const bases = Array.from(new Set(languages.map(baseLanguage)));
  if (bases.length === 0) return;
  await db
    .insertInto("room_languages")
    .values(bases.map((language) => ({ room_id: roomId, language })))
    .execute();
}

export async function setCapacity(db: Database, roomId: string, capacity: number): Promise<void> {
  await db.updateTable("rooms").set({ capacity }).where("id", "=", roomId).execute();
}

export async function deleteRoom(db: Database, roomId: string): Promise<void> {
  await db.deleteFrom("rooms").where("id", "=", roomId).execute();
}

export function selectRooms(db: Database) {
  return db.selectFrom("rooms").select((eb) => [
    "rooms.id",
    "rooms.name",
    "rooms.description",
    "rooms.visibility",
    "rooms.password_hash as passwordHash",
    "rooms.password_set_at as passwordSetAt",
    "rooms.latitude",
    "rooms.longitude",
    "rooms.capacity",
    "rooms.locked",
    "rooms.lobby",
    "rooms.keep_history as keepHistory",
    "rooms.keep_captions as keepCaptions",
    "rooms.speak",
    "rooms.languages",
    "rooms.glossary",
    "rooms.created_at as createdAt",
    "rooms.active_at as activeAt",
    eb
      .selectFrom("room_members")
      .whereRef("room_members.room_id", "=", "rooms.id")
      .select(({ fn }) => fn.countAll().as("count"))
      .as("memberCount"),
  ]);
}

export type RoomRow = Awaited<ReturnType<ReturnType<typeof selectRooms>["execute"]>>[number];

export function toRoom(row: RoomRow): StoredRoom {
  const { id, name, description, visibility, latitude, longitude, capacity, createdAt } = row;
  const settings = toSettings(row);
  return {
    id,
    name,
    description,
    visibility,
    hasPassword: row.passwordHash !== null,
    locked: row.locked === 1,
    lobby: row.lobby === 1,
    languages: settings.languages,
    ...(latitude !== null && longitude !== null && { place: { latitude, longitude } }),
    ...(capacity !== null && { capacity }),
    createdAt,
    // Postgres counts in bigint, which arrives as text.
    memberCount: Number(row.memberCount),
    settings,
  };
}

type SettingsRow = Pick<
  RoomRow,
  "keepHistory" | "keepCaptions" | "speak" | "languages" | "glossary"
>;

function toSettings(row: SettingsRow): RoomSettings {
  const { speak } = row;
  return {
    languages: languagesSchema.parse(JSON.parse(row.languages)),
    glossary: glossarySchema.parse(JSON.parse(row.glossary)),
    keepHistory: row.keepHistory === 1,
    keepCaptions: row.keepCaptions === 1,
    speak: speak === "listener" ? "member" : speak,
  };
}

export async function findSettings(
  db: Database,
  roomId: string,
): Promise<RoomSettings | undefined> {
  const row = await db
    .selectFrom("rooms")
    .select([
      "keep_history as keepHistory",
      "keep_captions as keepCaptions",
      "speak",
      "languages",
      "glossary",
    ])
    .where("id", "=", roomId)
    .executeTakeFirst();
  return row && toSettings(row);
}

/** A room and what only the server knows of it. */
export type RoomRecord = { room: StoredRoom; password: RoomContent["password"] };

function toRecord(row: RoomRow): RoomRecord {
  const { passwordHash: hash, passwordSetAt: setAt } = row;
  const password = hash === null || setAt === null ? undefined : { hash, setAt };
  return { room: toRoom(row), password };
}

export async function findRoom(db: Database, roomId: string): Promise<RoomRecord | undefined> {
  const row = await selectRooms(db).where("rooms.id", "=", roomId).executeTakeFirst();
  return row && toRecord(row);
}

/** In no order. */
export async function findRooms(db: Database, roomIds: readonly string[]): Promise<StoredRoom[]> {
  if (roomIds.length === 0) return [];
  return (await selectRooms(db).where("rooms.id", "in", roomIds).execute()).map(toRoom);
}

export async function listRoomsWithoutHistory(db: Database): Promise<string[]> {
  // Spelt out, so that SQLite knows the index for it.
  const rows = await db
    .selectFrom("rooms")
    .select("id")
    .where(sql<boolean>`keep_history = 0`)
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * Keeps others from changing the room or its members until the transaction ends. With `activeAt` it
 * also notes that the room is active. Gives false when there is no such room.
 */
export async function lockRoom(db: Database, roomId: string, activeAt?: string): Promise<boolean> {
  const locked = await db
    .updateTable("rooms")
    .set((eb) => ({ active_at: activeAt ?? eb.ref("active_at") }))
    .where("id", "=", roomId)
    .returning("id")
    .executeTakeFirst();
  return locked !== undefined;
}

/** Writes only when the room was last active before `before`. */
export async function touchQuietRoom(
  db: Database,
  roomId: string,
  times: { at: string; before: string },
): Promise<void> {
  await db
    .updateTable("rooms")
    .set({ active_at: times.at })
    .where("id", "=", roomId)
    .where("active_at", "<", times.before)
    .execute();
}
