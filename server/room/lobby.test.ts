import { expect, it } from "vitest";
import type { RoomEvent } from "../../shared/room.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import { openTestRooms } from "./testing/open-rooms.ts";
import { eventually } from "../../shared/testing/eventually.ts";

/** What kinds of events come, up to the first of `last`. */
async function typesUntil(
  last: RoomEvent["type"],
  events: AsyncIterable<{ event: RoomEvent }>,
): Promise<string[]> {
  const types: string[] = [];
  for await (const { event } of events) {
    types.push(event.type);
    if (event.type === last) break;
  }
  return types;
}

describeEachDialect("the door of a room", (open) => {
  async function setUp(content: { locked?: boolean; lobby?: boolean; capacity?: number } = {}) {
    const { db } = await open();
    for (const name of ["ann", "ben", "cleo", "dan"]) await insertSampleAccount(db, name);
    const rooms = await openTestRooms(db);
    const { id: roomId } = await rooms.create("ann", { name: "Kitchen", ...content });
    const enter = async (accountId: string, invite?: string) =>
      (await rooms.enter(accountId, { roomId, invite })).status;
    const waiting = async () => {
      const { items } = await rooms.lobby("ann", { roomId, limit: 10 });
      return items.map(({ accountId }) => accountId);
    };
    return { rooms, roomId, enter, waiting };
  }

  it.each([{ locked: true }, { lobby: true }])(
    "is open while nobody is there who could open it: %o",
    async (content) => {
      const { rooms, roomId, enter } = await setUp(content);
      await rooms.rooms.leave(roomId, "ann");
      expect(await enter("ben")).toBe("joined");
      expect((await rooms.get(roomId, "ben")).role).toBe("owner");
    },
  );

  it("takes one use of an invitation of who waits, however often they ask", async () => {
    const { rooms, roomId, enter, waiting } = await setUp({ lobby: true });
    const { code } = await rooms.createInvite("ann", { roomId, role: "member", uses: 2 });
    for (const name of ["ben", "ben", "cleo"]) expect(await enter(name, code)).toBe("waiting");
    expect(await waiting()).toEqual(["ben", "cleo"]);
    await expect(enter("dan", code)).rejects.toMatchObject({ reason: "INVITE_INVALID" });
  });

  it("leaves nobody waiting who is banned, and tells them and the moderators", async () => {
    const { rooms, roomId, enter, waiting } = await setUp({ lobby: true });
    await enter("ben");
    const moderators = rooms.follow(roomId, "ann", { signal: AbortSignal.timeout(30_000) });
    expect((await moderators.next()).value?.event.type).toBe("snapshot");
    const admission = rooms.followAdmission(roomId, "ben", AbortSignal.timeout(30_000));
    expect((await admission.next()).value).toEqual({ type: "waiting" });
    await rooms.ban("ann", { roomId, accountId: "ben" });
    expect((await admission.next()).value).toEqual({ type: "refused" });
    expect((await admission.next()).done).toBe(true);
    const told = await typesUntil("banned", moderators);
    expect(told).toContain("notWaiting");
    expect(await waiting()).toEqual([]);
    const admitted = rooms.admit("ann", { roomId, accountId: "ben" });
    await expect(admitted).rejects.toMatchObject({ reason: "NOT_WAITING" });
  });

  it("is gone with the room, and who waits at it is told so", async () => {
    const { rooms, roomId, enter } = await setUp({ lobby: true });
    await enter("ben");
    const admission = rooms.followAdmission(roomId, "ben", AbortSignal.timeout(30_000));
    expect((await admission.next()).value).toEqual({ type: "waiting" });
    await rooms.remove("ann", roomId);
    expect((await admission.next()).value).toEqual({ type: "refused" });
    expect((await admission.next()).done).toBe(true);
  });

  it("is told to who is inside already, and to who goes away from it", async () => {
    const { rooms, roomId, enter, waiting } = await setUp({ lobby: true });
    const follow = (accountId: string) =>
      rooms.followAdmission(roomId, accountId, AbortSignal.timeout(30_000));
    const inside = follow("ann");
    expect((await inside.next()).value).toEqual({ type: "admitted" });
    expect((await inside.next()).done).toBe(true);
    await expect(follow("ben").next()).rejects.toMatchObject({ reason: "NOT_WAITING" });
    await enter("ben");
    const admission = follow("ben");
    expect((await admission.next()).value).toEqual({ type: "waiting" });
    await rooms.withdraw(roomId, "ben");
    expect((await admission.next()).value).toEqual({ type: "refused" });
    expect(await waiting()).toEqual([]);
    await expect(rooms.withdraw(roomId, "ben")).rejects.toMatchObject({ reason: "NOT_WAITING" });
  });

  it("opens again to who was sent out once they are admitted, by one or with all", async () => {
    const { rooms, roomId, enter } = await setUp();
    for (const accountId of ["ben", "cleo"]) {
      await enter(accountId);
      await rooms.kick("ann", { roomId, accountId });
    }
    await rooms.update("ann", { roomId, lobby: true });
    await eventually(async () => {
      const { code } = await rooms.createInvite("ann", { roomId, role: "member" });
      for (const name of ["ben", "cleo"]) expect(await enter(name, code)).toBe("waiting");
    });
    await rooms.admit("ann", { roomId, accountId: "ben" });
    await rooms.update("ann", { roomId, lobby: false });
    for (const name of ["ben", "cleo"]) {
      await rooms.rooms.leave(roomId, name);
      expect(await enter(name)).toBe("joined");
    }
  });

  it("is told to have opened even when who opened it is sent out that moment", async () => {
    const { db } = await open();
    for (const name of ["ann", "mia", "ben"]) await insertSampleAccount(db, name);
    let kicked: Promise<void> | undefined;
    const rooms = await openTestRooms(db, {
      hash: async (password) => {
        // Next in the line, once the change has begun.
        void (async () => {
          for (let count = 0; count < 20; count += 1) await Promise.resolve();
          kicked = rooms.kick("ann", { roomId, accountId: "mia" });
        })();
        return password;
      },
    });
    const { id: roomId } = await rooms.create("ann", "Kitchen");
    await rooms.join(roomId, "mia");
    await rooms.setRole("ann", { roomId, accountId: "mia", role: "moderator" });
    await rooms.update("ann", { roomId, lobby: true });
    await rooms.enter("ben", { roomId });
    const speech: unknown[] = [];
    await rooms.onSpeechChanged(
      (change) => void speech.push(change),
      () => {},
    );
    const signal = AbortSignal.timeout(30_000);
    const admission = rooms.followAdmission(roomId, "ben", signal);
    expect((await admission.next()).value).toEqual({ type: "waiting" });
    const told = rooms.follow(roomId, "ann", { signal });
    expect((await told.next()).value?.event.type).toBe("snapshot");
    const change = { lobby: false, password: "rum", settings: { speak: "moderator" } } as const;
    // Perhaps nobody is left who could be told what the room is like now.
    await Promise.allSettled([rooms.update("mia", { roomId, ...change })]);
    await kicked;
    expect((await admission.next()).value).toEqual({ type: "admitted" });
    const events = await typesUntil("left", told);
    expect(events.slice(-4)).toEqual(["changed", "notWaiting", "joined", "left"]);
    expect(speech).toEqual([{ roomId }]);
  });

  it("is left by an account that goes, and moderators are told", async () => {
    const { rooms, roomId, enter, waiting } = await setUp({ lobby: true });
    const told = rooms.follow(roomId, "ann", { signal: AbortSignal.timeout(30_000) });
    expect((await told.next()).value?.event.type).toBe("snapshot");
    await enter("ben");
    await rooms.erase("ben");
    expect((await typesUntil("notWaiting", told)).at(-1)).toBe("notWaiting");
    expect(await waiting()).toEqual([]);
  });

  it("leaves nobody waiting who found another way in", async () => {
    const { rooms, roomId, enter, waiting } = await setUp({ lobby: true, capacity: 2 });
    for (const name of ["ben", "cleo"]) await enter(name);
    await rooms.update("ann", { roomId, lobby: false });
    expect(await waiting()).toEqual(["cleo"]);
    await rooms.rooms.leave(roomId, "ben");
    expect(await enter("cleo")).toBe("joined");
    expect(await waiting()).toEqual([]);
  });
});
