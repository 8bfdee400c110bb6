import type { RawBuilder } from "kysely";
import { z } from "zod";
import type { Database } from "../database/database.ts";
import { type RoomPosition, selectRooms, type StoredRoom, toRoom } from "./room-store.ts";

/** Of every list that goes by a time, and by an id where that is the same. */
export const positionSchema = z.tuple([z.string(), z.string()]);

/** Public rooms that meet all conditions, the most lately active first. */
export async function listPublicRooms(
  db: Database,
  options: {
    conditions: readonly RawBuilder<boolean>[];
    after?: RoomPosition | undefined;
    limit: number;
  },
): Promise<{ items: StoredRoom[]; next?: RoomPosition }> {
  const { after, limit } = options;
  let query = selectRooms(db)
    .where("rooms.visibility", "=", "public")
    .$if(after !== undefined, (all) =>
      all.where((eb) => {
        const [activeAt = "", roomId = ""] = after ?? [];
        return eb.or([
          eb("rooms.active_at", "<", activeAt),
          eb("rooms.active_at", "=", activeAt).and("rooms.id", "<", roomId),
        ]);
      }),
    );
  for (const condition of options.conditions) query = query.where(condition);
  const rows = await query
    .orderBy("rooms.active_at", "desc")
    .orderBy("rooms.id", "desc")
    .limit(limit + 1)
    .execute();
  const items = rows.slice(0, limit);
  const last = rows.length > limit ? items.at(-1) : undefined;
  return { items: items.map(toRoom), ...(last && { next: [last.activeAt, last.id] }) };
}
