import type { RoomBan } from "../../shared/room.ts";
import type { Database } from "../database/database.ts";

/** `listen` is of who was made a listener. */
export type RestrictionKind = "ban" | "kick" | "mute" | "listen";
type Restriction = { roomId: string; accountId: string; kind: RestrictionKind };
/** Where a list of bans goes on. */
export type BanPosition = [bannedAt: string, accountId: string];

/** Once more is from then on. Gives false when there is no such account. */
export async function restrict(
  db: Database,
  { roomId, accountId, kind }: Restriction,
  since: string,
): Promise<boolean> {
  const restricted = await db
    .insertInto("room_restrictions")
    .columns(["room_id", "account_id", "kind", "since"])
    .expression((eb) =>
      eb
        .selectFrom("accounts")
        .select((of) => [
          of.val(roomId).as("room_id"),
          "accounts.id",
          of.val(kind).as("kind"),
          of.val(since).as("since"),
        ])
        .where("accounts.id", "=", accountId),
    )
    .onConflict((conflict) =>
      conflict.columns(["room_id", "account_id", "kind"]).doUpdateSet({ since }),
    )
    .returning("account_id")
    .executeTakeFirst();
  return restricted !== undefined;
}

/** Gives false when there was nothing to lift. */
export async function lift(
  db: Database,
  { roomId, accountId, kind }: Restriction,
): Promise<boolean> {
  const lifted = await db
    .deleteFrom("room_restrictions")
    .where("room_id", "=", roomId)
    .where("account_id", "=", accountId)
    .where("kind", "=", kind)
    .returning("account_id")
    .executeTakeFirst();
  return lifted !== undefined;
}

/**
 * Of who owns the room from now on nothing holds any more: nobody stands above them who could lift it.
 * Gives whether they were muted.
 */
export async function liftFromOwner(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<boolean> {
  await lift(db, { roomId, accountId, kind: "listen" });
  return lift(db, { roomId, accountId, kind: "mute" });
}

/** Since when it holds. */
export async function findRestriction(
  db: Database,
  { roomId, accountId, kind }: Restriction,
): Promise<string | undefined> {
  const row = await db
    .selectFrom("room_restrictions")
    .select("since")
    .where("room_id", "=", roomId)
    .where("account_id", "=", accountId)
    .where("kind", "=", kind)
    .executeTakeFirst();
  return row?.since;
}

function selectBans(db: Database, roomId: string) {
  return db
    .selectFrom("room_restrictions")
    .innerJoin("accounts", "accounts.id", "room_restrictions.account_id")
    .select([
      "room_restrictions.account_id as accountId",
      "accounts.name",
      "room_restrictions.since as bannedAt",
    ])
    .where("room_restrictions.room_id", "=", roomId)
    .where("room_restrictions.kind", "=", "ban");
}

export async function findBan(
  db: Database,
  roomId: string,
  accountId: string,
): Promise<RoomBan | undefined> {
  return selectBans(db, roomId)
    .where("room_restrictions.account_id", "=", accountId)
    .executeTakeFirst();
}

/** The latest first. */
export async function pageBans(
  db: Database,
  roomId: string,
  options: { after?: BanPosition | undefined; limit: number },
): Promise<{ items: RoomBan[]; next?: BanPosition }> {
  const { after, limit } = options;
  const rows = await selectBans(db, roomId)
    .$if(after !== undefined, (query) =>
      query.where((eb) => {
        const [since = "", accountId = ""] = after ?? [];
        return eb.or([
          eb("room_restrictions.since", "<", since),
          eb("room_restrictions.since", "=", since).and(
            "room_restrictions.account_id",
            "<",
            accountId,
          ),
        ]);
      }),
    )
    .orderBy("room_restrictions.since", "desc")
    .orderBy("room_restrictions.account_id", "desc")
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items, ...(last && { next: [last.bannedAt, last.accountId] }) };
}
