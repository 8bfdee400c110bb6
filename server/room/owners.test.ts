import { expect, it } from "vitest";
import type { RoomEvent } from "../../shared/room.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import { openTestRooms } from "./testing/open-rooms.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const never = new AbortController().signal;

describeEachDialect("who has a room", (open) => {
  /** A room of ann's, in which mia moderates and ben and leo are members. */
  async function setUp() {
    const { db } = await open();
    const rooms = await openTestRooms(db);
    for (const name of ["ann", "mia", "ben", "leo"]) await insertSampleAccount(db, name);
    const { id: roomId } = await rooms.create("ann", "Kitchen");
    for (const name of ["mia", "ben", "leo"]) await rooms.join(roomId, name);
    await rooms.setRole("ann", { roomId, accountId: "mia", role: "moderator" });
    const leave = (accountId: string) => rooms.rooms.leave(roomId, accountId);
    const roleOf = async (accountId: string) => (await rooms.get(roomId, accountId)).role;
    return { rooms, roomId, leave, roleOf };
  }

  it("may speak in it, however they came to have it: nobody else could let them", async () => {
    const { rooms, roomId, leave, roleOf } = await setUp();
    const told: RoomEvent[] = [];
    void (async () => {
      for await (const { event } of rooms.follow(roomId, "leo", { signal: never })) {
        told.push(event);
      }
    })();
    await eventually(() => expect(told[0]?.type).toBe("snapshot"));
    const mute = (actor: string, accountId: string) =>
      rooms.mute(actor, { roomId, accountId, muted: true });
    const expectToSpeak = async (accountId: string) => {
      expect(await roleOf(accountId)).toBe("owner");
      await rooms.requireSpeaker(roomId, accountId);
      const silenced = { type: "silenced", accountId, silenced: false };
      await eventually(() => expect(told).toContainEqual(silenced));
    };
    for (const accountId of ["mia", "ben"]) await mute("ann", accountId);
    await rooms.setRole("ann", { roomId, accountId: "ben", role: "owner" });
    await expectToSpeak("ben");
    await leave("ann");
    await leave("ben");
    await expectToSpeak("mia");

    await mute("mia", "leo");
    for (const accountId of ["leo", "mia"]) await leave(accountId);
    const { role, members } = await rooms.join(roomId, "leo");
    expect([role, members]).toMatchObject(["owner", [{ silenced: false }]]);
    await rooms.requireSpeaker(roomId, "leo");
  });

  it("is no listener when they come back", async () => {
    const { rooms, roomId, leave, roleOf } = await setUp();
    await leave("mia");
    for (const accountId of ["ben", "leo"]) {
      await rooms.setRole("ann", { roomId, accountId, role: "listener" });
    }
    await leave("ann");
    expect(await roleOf("ben")).toBe("owner");
    await leave("ben");
    await rooms.join(roomId, "ben");
    expect([await roleOf("ben"), await roleOf("leo")]).toEqual(["member", "owner"]);
  });
});
