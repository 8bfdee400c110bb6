import type { RoomInvite } from "../../shared/room.ts";
import type { Database } from "../database/database.ts";

/** Where a list of invitations goes on. */
export type InvitePosition = [createdAt: string, id: string];

export type StoredInvite = RoomInvite & { roomId: string };

export async function insertInvite(
  db: Database,
  invite: {
    id: string;
    roomId: string;
    codeHash: string;
    role: RoomInvite["role"];
    createdBy: string;
    createdAt: string;
    expiresAt: string;
    uses: number | undefined;
  },
): Promise<void> {
  await db
    .insertInto("room_invites")
    .values({
      id: invite.id,
      room_id: invite.roomId,
      code_hash: invite.codeHash,
      role: invite.role,
      created_by: invite.createdBy,
      created_at: invite.createdAt,
      expires_at: invite.expiresAt,
      uses_left: invite.uses ?? null,
    })
    .execute();
}

/** Those that still open the door. */
function selectInvites(db: Database, now: string) {
  return db
    .selectFrom("room_invites")
    .innerJoin("accounts", "accounts.id", "room_invites.created_by")
    .select([
      "room_invites.id",
      "room_invites.room_id as roomId",
      "room_invites.role",
      "room_invites.created_at as createdAt",
      "room_invites.expires_at as expiresAt",
      "room_invites.uses_left as usesLeft",
      "accounts.id as inviterId",
      "accounts.name as inviterName",
    ])
    .where("room_invites.expires_at", ">", now)
    .where((eb) =>
      eb.or([eb("room_invites.uses_left", "is", null), eb("room_invites.uses_left", ">", 0)]),
    );
}

type InviteRow = Awaited<ReturnType<ReturnType<typeof selectInvites>["execute"]>>[number];

function toInvite({ usesLeft, inviterId, inviterName, ...invite }: InviteRow): StoredInvite {
  return {
    ...invite,
    ...(usesLeft !== null && { usesLeft }),
    createdBy: { accountId: inviterId, name: inviterName },
  };
}

export async function findInvite(
  db: Database,
  codeHash: string,
  now: string,
): Promise<StoredInvite | undefined> {
  const row = await selectInvites(db, now)
    .where("room_invites.code_hash", "=", codeHash)
    .executeTakeFirst();
  return row && toInvite(row);
}

/** Gives false when it was used up, revoked or has expired meanwhile. */
export async function useInvite(db: Database, inviteId: string, now: string): Promise<boolean> {
  const used = await db
    .updateTable("room_invites")
    .set((eb) => ({ uses_left: eb("uses_left", "-", 1) }))
    .where("id", "=", inviteId)
    .where("expires_at", ">", now)
    .where((eb) => eb.or([eb("uses_left", "is", null), eb("uses_left", ">", 0)]))
    .returning("id")
    .executeTakeFirst();
  return used !== undefined;
}

/** The latest first. */
export async function pageInvites(
  db: Database,
  roomId: string,
  options: { after?: InvitePosition | undefined; limit: number; now: string },
): Promise<{ items: StoredInvite[]; next?: InvitePosition }> {
  const { after, limit, now } = options;
  const rows = await selectInvites(db, now)
    .where("room_invites.room_id", "=", roomId)
    .$if(after !== undefined, (query) =>
      query.where((eb) => {
        const [createdAt = "", id = ""] = after ?? [];
        return eb.or([
          eb("room_invites.created_at", "<", createdAt),
          eb("room_invites.created_at", "=", createdAt).and("room_invites.id", "<", id),
        ]);
      }),
    )
    .orderBy("room_invites.created_at", "desc")
    .orderBy("room_invites.id", "desc")
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items: items.map(toInvite), ...(last && { next: [last.createdAt, last.id] }) };
}

/** Gives false when there is none. */
export async function deleteInvite(
  db: Database,
  roomId: string,
  inviteId: string,
): Promise<boolean> {
  const deleted = await db
    .deleteFrom("room_invites")
    .where("room_id", "=", roomId)
    .where("id", "=", inviteId)
    .returning("id")
    .executeTakeFirst();
  return deleted !== undefined;
}

/** Gives those that somebody had made in a room. */
export async function deleteInvitesBy(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<string[]> {
  const rows = await db
    .deleteFrom("room_invites")
    .where("room_id", "=", roomId)
    .where("created_by", "=", accountId)
    .returning("id")
    .execute();
  return rows.map(({ id }) => id);
}

/** Removes what opens nothing any more, and gives how many are left. */
export async function countInvites(db: Database, roomId: string, now: string): Promise<number> {
  await db
    .deleteFrom("room_invites")
    .where("room_id", "=", roomId)
    .where((eb) => eb.or([eb("expires_at", "<=", now), eb("uses_left", "=", 0)]))
    .execute();
  const { count } = await db
    .selectFrom("room_invites")
    .select(({ fn }) => fn.countAll().as("count"))
    .where("room_id", "=", roomId)
    .executeTakeFirstOrThrow();
  return Number(count);
}
