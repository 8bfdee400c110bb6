import type { RoomRole, RoomWaiting } from "../../shared/room.ts";
import type { Database } from "../database/database.ts";

/** Where a list of those who wait goes on. */
export type WaitingPosition = [since: string, accountId: string];

/** Of who waits already nothing changes. */
export async function insertWaiting(
  db: Database,
  waiting: { roomId: string; accountId: string; role: RoomRole; since: string },
): Promise<void> {
  await db
    .insertInto("room_waiting")
    .values({
      room_id: waiting.roomId,
      account_id: waiting.accountId,
      role: waiting.role,
      since: waiting.since,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Gives the role that was waited for. */
export async function deleteWaiting(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<RoomRole | undefined> {
  const deleted = await db
    .deleteFrom("room_waiting")
    .where("room_id", "=", roomId)
    .where("account_id", "=", accountId)
    .returning("role")
    .executeTakeFirst();
  return deleted?.role;
}

function selectWaiting(db: Database, roomId: string) {
  return db
    .selectFrom("room_waiting")
    .innerJoin("accounts", "accounts.id", "room_waiting.account_id")
    .select([
      "room_waiting.account_id as accountId",
      "accounts.name",
      "accounts.language",
      "accounts.avatar_url as avatarUrl",
      "room_waiting.since",
    ])
    .where("room_waiting.room_id", "=", roomId);
}

type WaitingRow = Awaited<ReturnType<ReturnType<typeof selectWaiting>["execute"]>>[number];

function toWaiting({ avatarUrl, ...waiting }: WaitingRow): RoomWaiting {
  return { ...waiting, ...(avatarUrl !== null && { avatarUrl }) };
}

export async function findWaiting(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<RoomWaiting | undefined> {
  const row = await selectWaiting(db, roomId)
    .where("room_waiting.account_id", "=", accountId)
    .executeTakeFirst();
  return row && toWaiting(row);
}

/** Who has waited longest first. */
export async function pageWaiting(
  db: Database,
  roomId: string,
  options: { after?: WaitingPosition | undefined; limit: number },
): Promise<{ items: RoomWaiting[]; next?: WaitingPosition }> {
  const { after, limit } = options;
  const rows = await selectWaiting(db, roomId)
    .$if(after !== undefined, (query) =>
      query.where((eb) => {
        const [since = "", accountId = ""] = after ?? [];
        return eb.or([
          eb("room_waiting.since", ">", since),
          eb("room_waiting.since", "=", since).and("room_waiting.account_id", ">", accountId),
        ]);
      }),
    )
    .orderBy("room_waiting.since")
    .orderBy("room_waiting.account_id")
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit).map(toWaiting);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, ...(last && { next: [last.since, last.accountId] }) };
}

/** Of those who have waited longest so many wait no more. Gives them with the role that they waited for. */
export async function takeWaiting(
  db: Database,
  roomId: string,
  limit: number,
): Promise<{ accountId: string; role: RoomRole }[]> {
  const taken = await db
    .selectFrom("room_waiting")
    .select(["account_id as accountId", "role"])
    .where("room_id", "=", roomId)
    .orderBy("since")
    .orderBy("account_id")
    .limit(limit)
    .execute();
  if (taken.length === 0) return [];
  const accountIds = taken.map(({ accountId }) => accountId);
  await db
    .deleteFrom("room_waiting")
    .where("room_id", "=", roomId)
    .where("account_id", "in", accountIds)
    .execute();
  return taken;
}

export async function listRoomsWaitedFor(db: Database, accountId: string): Promise<string[]> {
  const rows = await db
    .selectFrom("room_waiting")
    .select("room_id as roomId")
    .where("account_id", "=", accountId)
    .execute();
  return rows.map(({ roomId }) => roomId);
}
