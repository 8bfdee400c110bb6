import { expect, it } from "vitest";
import { openDatabase } from "../database/open-database.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import { AppError } from "../kit/errors.ts";
import { silentLog } from "../kit/log.ts";
import { openTestRooms } from "./testing/open-rooms.ts";

/** A crowded machine may be too slow for how long a node waits for the other. */
async function patiently(work: () => Promise<unknown>): Promise<unknown> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const isBusy = error instanceof AppError && error.reason === "DATABASE_UNAVAILABLE";
      if (!isBusy) throw error;
    }
  }
}

describeEachDialect("rooms of two nodes on one database", (open) => {
  /** Crowds do what they like, on either node. */
  async function setUp() {
    const { db, location } = await open();
    const other = openDatabase(location, silentLog);
    const crowd = Array.from({ length: 12 }, (_, number) => `guest-${number}`);
    for (const name of ["ann", ...crowd]) await insertSampleAccount(db, name);
    const nodes = [await openTestRooms(db), await openTestRooms(other)] as const;
    /** How many of the crowd succeeded. */
    const all = async (work: (node: (typeof nodes)[number], name: string) => Promise<unknown>) => {
      const done = await Promise.allSettled(
        crowd.map((name, number) => patiently(() => work(nodes[number % 2 === 0 ? 0 : 1], name))),
      );
      return done.filter(({ status }) => status === "fulfilled").length;
    };
    return { db, other, nodes, all };
  }

  it("have no more members than they may, nor by an invitation than it says", async () => {
    const { other, nodes, all } = await setUp();
    const [node] = nodes;
    try {
      const { id: roomId } = await node.create("ann", { name: "Kitchen", capacity: 5 });
      await all((rooms, name) => rooms.enter(name, { roomId }));
      expect((await node.get(roomId, "ann")).memberCount).toBe(5);
      const attic = await node.create("ann", { name: "Attic", visibility: "private" });
      const { code } = await node.createInvite("ann", {
        roomId: attic.id,
        role: "member",
        uses: 3,
      });
      expect(await all((rooms, name) => rooms.enter(name, { invite: code }))).toBe(3);
      expect((await node.get(attic.id, "ann")).memberCount).toBe(4);
    } finally {
      await other.destroy();
    }
  });

  it("have one owner, however many leave and come at once", async () => {
    const { db, other, nodes, all } = await setUp();
    const [node] = nodes;
    try {
      const { id: roomId } = await node.create("ann", "Kitchen");
      await all((rooms, name) => rooms.enter(name, { roomId }));
      await node.rooms.leave(roomId, "ann");
      for (let round = 0; round < 4; round += 1) {
        await all(async (rooms, name) => {
          await rooms.rooms.leave(roomId, name);
          await patiently(() => rooms.enter(name, { roomId }));
        });
        const members = db.selectFrom("room_members").select("role").where("room_id", "=", roomId);
        const roles = (await members.execute()).map(({ role }) => role);
        expect(roles.filter((role) => role === "owner")).toHaveLength(1);
      }
    } finally {
      await other.destroy();
    }
  });
});
