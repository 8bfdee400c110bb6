import { z } from "zod";
import type { Page } from "../../shared/page.ts";
import type {
  Place,
  Room,
  RoomAtDistance,
  roomNearbyInputSchema,
  roomSearchInputSchema,
  roomWithinInputSchema,
} from "../../shared/room.ts";
import { decodeCursor, encodeCursor } from "../kit/cursor.ts";
import { aroundBox } from "./box.ts";
import { listPublicRooms, positionSchema } from "./directory-store.ts";
import { listRoomsOf } from "./member-store.ts";
import { findNearest, type Near } from "./nearest.ts";
import { conditions, type RoomFilter } from "./place-store.ts";
import type { RoomParts } from "./room-parts.ts";
import { findRooms } from "./room-store.ts";

type PageInput = { cursor?: string | null | undefined; limit: number };

const nearestPositionSchema = z.object({ distance: z.number(), id: z.string() });

/** Lists of rooms. None has a room in it that the reader may not see. */
export function createDirectory(deps: Pick<RoomParts, "db" | "toRoom">) {
  const { db, toRoom } = deps;

  async function list(filter: RoomFilter, { cursor, limit }: PageInput): Promise<Page<Room>> {
    const after = cursor ? decodeCursor(cursor, positionSchema) : undefined;
    const wanted = await conditions(db, filter);
    if (!wanted) return { items: [] };
    const { items, next } = await listPublicRooms(db, { conditions: wanted, after, limit });
    return {
      items: items.map(toRoom),
      ...(next && { nextCursor: encodeCursor(next) }),
    };
  }

  async function atDistances(nears: readonly Near[]): Promise<RoomAtDistance[]> {
    const rooms = await findRooms(
      db,
      nears.map(({ id }) => id),
    );
    const byId = new Map(rooms.map((room) => [room.id, room]));
    return nears.flatMap(({ id, distance }) => {
      const room = byId.get(id);
      return room ? [{ ...toRoom(room), distanceMetres: distance }] : [];
    });
  }

  async function nearest(
    filter: RoomFilter,
    near: Place & { radiusMetres: number },
    { cursor, limit }: PageInput,
  ): Promise<Page<RoomAtDistance>> {
    const after = cursor ? decodeCursor(cursor, nearestPositionSchema) : undefined;
    const wanted = await conditions(db, filter);
    if (!wanted) return { items: [] };
    const { radiusMetres, ...place } = near;
    const query = { place, radiusMetres, limit: limit + 1, after, conditions: wanted };
    const nears = await findNearest(db, query);
    const shown = nears.slice(0, limit);
    const last = nears.length > limit ? shown.at(-1) : undefined;
    return {
      items: await atDistances(shown),
      ...(last && { nextCursor: encodeCursor(last) }),
    };
  }

  return {
    /** The most lately active first. */
    list: (accountId: string, page: PageInput) => list({ accountId }, page),

    search(
      accountId: string,
      input: z.output<typeof roomSearchInputSchema>,
    ): Promise<Page<Room | RoomAtDistance>> {
      const { text, language, near, ...page } = input;
      const filter = { accountId, text, language };
      return near ? nearest(filter, near, page) : list(filter, page);
    },

    nearby(
      accountId: string,
      input: z.output<typeof roomNearbyInputSchema>,
    ): Promise<Page<RoomAtDistance>> {
      const { latitude, longitude, radiusMetres, ...page } = input;
      return nearest({ accountId }, { latitude, longitude, radiusMetres }, page);
    },

    /** The nearest to the middle of the box, when there are more than `limit`. */
    async within(
      accountId: string,
      { limit, ...box }: z.output<typeof roomWithinInputSchema>,
    ): Promise<{ items: RoomAtDistance[] }> {
      const wanted = await conditions(db, { accountId });
      if (!wanted) return { items: [] };
      const query = { ...aroundBox(box), box, limit, conditions: wanted };
      return { items: await atDistances(await findNearest(db, query)) };
    },

    /** Rooms of which the account is a member, the latest joined first. */
    async of(this: void, accountId: string, { cursor, limit }: PageInput): Promise<Page<Room>> {
      const after = cursor ? decodeCursor(cursor, positionSchema) : undefined;
      const { items, next } = await listRoomsOf(db, accountId, { after, limit });
      return {
        items: items.map(toRoom),
        ...(next && { nextCursor: encodeCursor(next) }),
      };
    },
  };
}
