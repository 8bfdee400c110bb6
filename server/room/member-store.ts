import type { Page } from "../../shared/page.ts";
import type { RoomMember, RoomRole, Visibility } from "../../shared/room.ts";
import type { Database } from "../database/database.ts";
import { selectRooms, toRoom, type StoredRoom } from "./room-store.ts";

export type StoredMember = Omit<RoomMember, "present">;
/** Where a list of members goes on. */
export type MemberPosition = [joinedAt: string, accountId: string];

/** What somebody is to a room. */
export type Standing = {
  visibility: Visibility;
  /** `null` for who is no member. */
  role: RoomRole | null;
  joinedAt: string | null;
  banned: boolean;
  silenced: boolean;
  /** The least role that may speak in the room. */
  speak: RoomRole;
};

/** `undefined` when there is no such room. */
export async function findStanding(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<Standing | undefined> {
  const row = await db
    .selectFrom("rooms")
    .leftJoin("room_members as member", (join) =>
      join.onRef("member.room_id", "=", "rooms.id").on("member.account_id", "=", accountId),
    )
    .leftJoin("room_restrictions as ban", (join) =>
      join
        .onRef("ban.room_id", "=", "rooms.id")
        .on("ban.account_id", "=", accountId)
        .on("ban.kind", "=", "ban"),
    )
    .leftJoin("room_restrictions as mute", (join) =>
      join
        .onRef("mute.room_id", "=", "rooms.id")
        .on("mute.account_id", "=", accountId)
        .on("mute.kind", "=", "mute"),
    )
    .select([
      "rooms.visibility",
      "rooms.speak",
      "member.role",
      "member.joined_at as joinedAt",
      "ban.since as bannedSince",
      "mute.since as silencedSince",
    ])
    .where("rooms.id", "=", roomId)
    .executeTakeFirst();
  if (!row) return undefined;
  const { bannedSince, silencedSince, ...standing } = row;
  return { ...standing, banned: bannedSince !== null, silenced: silencedSince !== null };
}

/** Since when somebody is a member, of a room that keeps no history. */
export async function findJoinedUnkept(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("room_members")
    .innerJoin("rooms", "rooms.id", "room_members.room_id")
    .select("room_members.joined_at as joinedAt")
    .where("room_members.room_id", "=", roomId)
    .where("room_members.account_id", "=", accountId)
    .where("rooms.keep_history", "=", 0)
    .executeTakeFirst();
  return row?.joinedAt;
}

/** Of who is a member already nothing changes. */
export async function insertMember(
  db: Database,
  member: { roomId: string; accountId: string; role: RoomRole; joinedAt: string },
): Promise<void> {
  await db
    .insertInto("room_members")
    .values({
      room_id: member.roomId,
      account_id: member.accountId,
      role: member.role,
      joined_at: member.joinedAt,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
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

export async function findRole(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<RoomRole | undefined> {
  const row = await db
    .selectFrom("room_members")
    .select("role")
    .where("room_id", "=", roomId)
    .where("account_id", "=", accountId)
    .executeTakeFirst();
  return row?.role;
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

export async function countMembers(db: Database, roomId: string): Promise<number> {
  const { count } = await db
    .selectFrom("room_members")
    .select(({ fn }) => fn.countAll().as("count"))
    .where("room_id", "=", roomId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Who has the room when the owner goes: of the highest role, who has been there longest. */
export async function findSuccessor(db: Database, roomId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom("room_members")
    .select("account_id as accountId")
    .where("room_id", "=", roomId)
    .orderBy((eb) =>
      eb
        .case()
        .when("role", "=", "moderator")
        .then(0)
        .when("role", "=", "member")
        .then(1)
        .else(2)
        .end(),
    )
    .orderBy("joined_at")
    .orderBy("account_id")
    .executeTakeFirst();
  return row?.accountId;
}

function selectMembers(db: Database, roomId: string) {
  return db
    .selectFrom("room_members")
    .innerJoin("accounts", "accounts.id", "room_members.account_id")
    .leftJoin("room_restrictions as mute", (join) =>
      join
        .onRef("mute.room_id", "=", "room_members.room_id")
        .onRef("mute.account_id", "=", "room_members.account_id")
        .on("mute.kind", "=", "mute"),
    )
    .select([
      "room_members.account_id as accountId",
      "accounts.name",
      "accounts.language",
      "accounts.avatar_url as avatarUrl",
      "room_members.role",
      "room_members.joined_at as joinedAt",
      "mute.since as silencedSince",
    ])
    .where("room_members.room_id", "=", roomId)
    .orderBy("room_members.joined_at")
    .orderBy("room_members.account_id");
}

type MemberRow = Awaited<ReturnType<ReturnType<typeof selectMembers>["execute"]>>[number];

function toMember(row: MemberRow): StoredMember {
  const { accountId, name, language, avatarUrl, role, silencedSince } = row;
  return {
    accountId,
    name,
    language,
    ...(avatarUrl !== null && { avatarUrl }),
    role,
    silenced: silencedSince !== null,
  };
}

/** Those who have been there longest first. */
export async function listMembers(
  db: Database,
  roomId: string,
  limit?: number,
): Promise<StoredMember[]> {
  const rows = await selectMembers(db, roomId)
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute();
  return rows.map(toMember);
}

export async function findMember(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<StoredMember | undefined> {
  const row = await selectMembers(db, roomId)
    .where("room_members.account_id", "=", accountId)
    .executeTakeFirst();
  return row && toMember(row);
}

export async function pageMembers(
  db: Database,
  roomId: string,
  options: { after?: MemberPosition | undefined; limit: number },
): Promise<{ items: Page<StoredMember>["items"]; next?: MemberPosition }> {
  const { after, limit } = options;
  const rows = await selectMembers(db, roomId)
    .$if(after !== undefined, (query) =>
      query.where((eb) => {
        const [joinedAt = "", accountId = ""] = after ?? [];
        return eb.or([
          eb("room_members.joined_at", ">", joinedAt),
          eb("room_members.joined_at", "=", joinedAt).and(
            "room_members.account_id",
            ">",
            accountId,
          ),
        ]);
      }),
    )
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return {
    items: items.map(toMember),
    ...(last && { next: [last.joinedAt, last.accountId] }),
  };
}

/** Rooms that the account is a member of, the latest joined first. */
export async function listRoomsOf(
  db: Database,
  accountId: string,
  options: { after?: MemberPosition | undefined; limit: number },
): Promise<{ items: StoredRoom[]; next?: MemberPosition }> {
  const { after, limit } = options;
  const rows = await selectRooms(db)
    .innerJoin("room_members as own", "own.room_id", "rooms.id")
    .select("own.joined_at as joinedAt")
    .where("own.account_id", "=", accountId)
    .$if(after !== undefined, (query) =>
      query.where((eb) => {
        const [joinedAt = "", roomId = ""] = after ?? [];
        return eb.or([
          eb("own.joined_at", "<", joinedAt),
          eb("own.joined_at", "=", joinedAt).and("rooms.id", "<", roomId),
        ]);
      }),
    )
    .orderBy("own.joined_at", "desc")
    .orderBy("rooms.id", "desc")
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items: items.map(toRoom), ...(last && { next: [last.joinedAt, last.id] }) };
}

export async function listRoomIdsOf(db: Database, accountId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("room_members")
    .select("room_id as roomId")
    .where("account_id", "=", accountId)
    .execute();
  return rows.map(({ roomId }) => roomId);
}
