import { expect, it, vi } from "vitest";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import { openTestRooms } from "./testing/open-rooms.ts";

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
    const told: string[] = [];
    while (!told.includes("banned")) told.push((await moderators.next()).value?.event.type ?? "");
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
    await vi.waitFor(async () => {
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
