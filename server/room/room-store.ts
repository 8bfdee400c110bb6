import { type Page } from "../../shared/page.ts";
import { type Room, type RoomMember, type RoomRole } from "../../shared/room.ts";
import { type Database } from "../database/database.ts";

export type StoredRoom = Omit<Room, "presentCount">;
export type StoredMember = Omit<RoomMember, "present">;
/** Where a list of rooms goes on. */
export type RoomPosition = [activeAt: string, roomId: string];

export async function insertRoom(
  db: Database,
  room: { id: string; name: string; createdAt: string },
): Promise<void> {
  const { id, name, createdAt } = room;
  await db
    .insertInto("rooms")
    .values({ id, name, created_at: createdAt, active_at: createdAt })
    .execute();
}

function selectRooms(db: Database) {
  return db.selectFrom("rooms").select((eb) => [
    "rooms.id",
    "rooms.name",
    "rooms.created_at as createdAt",
    "rooms.active_at as activeAt",
    eb
      .selectFrom("room_members")
      .whereRef("room_members.room_id", "=", "rooms.id")
      .select(({ fn }) => fn.countAll().as("count"))
      .as("memberCount"),
  ]);
}

type RoomRow = Awaited<ReturnType<ReturnType<typeof selectRooms>["execute"]>>[number];

// Postgres counts in bigint, which arrives as text.
function toRoom({ id, name, createdAt, memberCount }: RoomRow): StoredRoom {
  return { id, name, createdAt, memberCount: Number(memberCount) };
}

export async function findRoom(db: Database, roomId: string): Promise<StoredRoom | undefined> {
  const row = await selectRooms(db).where("rooms.id", "=", roomId).executeTakeFirst();
  return row && toRoom(row);
}

/** The most lately active first. */
export async function listRooms(
  db: Database,
  options: { after?: RoomPosition; limit: number },
): Promise<{ items: Page<StoredRoom>["items"]; next?: RoomPosition }> {
  const { after, limit } = options;
  const rows = await selectRooms(db)
    .$if(after !== undefined, (query) =>
      query.where((eb) => {
        const [activeAt = "", roomId = ""] = after ?? [];
        return eb.or([
          eb("rooms.active_at", "<", activeAt),
          eb("rooms.active_at", "=", activeAt).and("rooms.id", "<", roomId),
        ]);
      }),
    )
    .orderBy("rooms.active_at", "desc")
    .orderBy("rooms.id", "desc")
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items: items.map(toRoom), ...(last && { next: [last.activeAt, last.id] }) };
}

/**
 * Keeps others from changing the room's members until the transaction ends. With `activeAt` it also
 * notes that the room is active. Gives false when there is no such room.
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

/** `undefined` when there is no such room, a role of `null` when the account is no member. */
export async function findRole(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<{ role: RoomRole | null } | undefined> {
  return db
    .selectFrom("rooms")
    .leftJoin("room_members", (join) =>
      join
        .onRef("room_members.room_id", "=", "rooms.id")
        .on("room_members.account_id", "=", accountId),
    )
    .select("room_members.role")
    .where("rooms.id", "=", roomId)
    .executeTakeFirst();
}

/** Gives false when the account is a member already. */
export async function insertMember(
  db: Database,
  member: { roomId: string; accountId: string; role: RoomRole; joinedAt: string },
): Promise<boolean> {
  const inserted = await db
    .insertInto("room_members")
    .values({
      room_id: member.roomId,
      account_id: member.accountId,
      role: member.role,
      joined_at: member.joinedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning("account_id")
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Gives the role that the account had. */
export async function deleteMember(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<RoomRole | undefined> {
  const deleted = await db
    .deleteFrom("room_members")
    .where("room_id", "=", roomId)
    .where("account_id", "=", accountId)
    .returning("role")
    .executeTakeFirst();
  return deleted?.role;
}

export async function updateRole(
  db: Database,
  roomId: string,
  accountId: string,
  role: RoomRole,
): Promise<void> {
  await db
    .updateTable("room_members")
    .set({ role })
    .where("room_id", "=", roomId)
    .where("account_id", "=", accountId)
    .execute();
}

/** Those who have been there longest first. */
export async function listMembers(db: Database, roomId: string): Promise<StoredMember[]> {
  return db
    .selectFrom("room_members")
    .innerJoin("accounts", "accounts.id", "room_members.account_id")
    .select([
      "room_members.account_id as accountId",
      "accounts.name",
      "accounts.language",
      "room_members.role",
    ])
    .where("room_members.room_id", "=", roomId)
    .orderBy("room_members.joined_at")
    .orderBy("room_members.account_id")
    .execute();
}
