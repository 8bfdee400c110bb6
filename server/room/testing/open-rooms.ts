import {
  roomCreateInputSchema,
  type RoomDetail,
  type RoomJoined,
  roomJoinInputSchema,
} from "../../../shared/room.ts";
import type { z } from "zod";
import { EmbeddedBus } from "../../bus/embedded-bus.ts";
import type { Database } from "../../database/database.ts";
import { createLimiters } from "../../kit/limiter.ts";
import { silentLog } from "../../kit/log.ts";
import { createRooms, type RoomDependencies } from "../rooms.ts";

export type TestRooms = Awaited<ReturnType<typeof openTestRooms>>;

type RoomPasswords = RoomDependencies["passwords"];

/** Rooms on a database, with the defaults of inputs filled in as a router does. */
export async function openTestRooms(
  db: Database,
  passwords: Partial<RoomPasswords> = {},
  told: Partial<Pick<RoomDependencies, "onRemoving" | "onRemoved" | "onGlossaryChanged">> = {},
) {
  const rooms = await createRooms({
    db,
    bus: new EmbeddedBus(),
    // Real ones are slow on purpose, and tried where they are made.
    passwords: {
      hash: (password) => Promise.resolve(`hash of ${password}`),
      verify: (password, hash) => Promise.resolve(hash === `hash of ${password}`),
      ...passwords,
    },
    limiters: createLimiters({ log: silentLog }),
    onRemoving: () => Promise.resolve(),
    onRemoved: () => Promise.resolve(),
    onGlossaryChanged: () => Promise.resolve(),
    ...told,
    presenceGraceMs: 0,
  });

  return {
    ...rooms,
    /** All rooms, without what the short forms below take the place of. */
    rooms,

    create(
      accountId: string,
      input: z.input<typeof roomCreateInputSchema> | string,
    ): Promise<RoomDetail> {
      const given = typeof input === "string" ? { name: input } : input;
      return rooms.create(accountId, roomCreateInputSchema.parse(given));
    },

    enter(accountId: string, input: z.input<typeof roomJoinInputSchema>): Promise<RoomJoined> {
      return rooms.join(accountId, "192.0.2.1", roomJoinInputSchema.parse(input));
    },

    /** Into a room that is open. */
    async join(roomId: string, accountId: string): Promise<RoomDetail> {
      const joined = await rooms.join(accountId, "192.0.2.1", { roomId });
      if (joined.status !== "joined") throw new Error("the room was not open");
      return joined;
    },
  };
}
