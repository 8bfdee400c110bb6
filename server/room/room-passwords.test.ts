import { expect, it, vi } from "vitest";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import type { AppError } from "../kit/errors.ts";
import { openTestRooms } from "./testing/open-rooms.ts";
import { eventually } from "../../shared/testing/eventually.ts";

describeEachDialect("the password of a room", (open) => {
  async function setUp(verify?: (password: string, hash: string | undefined) => Promise<boolean>) {
    const { db } = await open();
    for (const name of ["ann", "ben", "cleo"]) await insertSampleAccount(db, name);
    const rooms = await openTestRooms(db, verify && { verify });
    const knock = (accountId: string, input: { roomId: string; password?: string }) =>
      rooms.enter(accountId, input).then(
        ({ status }) => status,
        ({ reason }: AppError) => reason,
      );
    return { rooms, knock };
  }

  it("has to be another one for who was sent out, however long ago", async () => {
    const { rooms, knock } = await setUp();
    const { id: roomId } = await rooms.create("ann", { name: "Kitchen", password: "tea" });
    await rooms.enter("ben", { roomId, password: "tea" });
    await rooms.kick("ann", { roomId, accountId: "ben" });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 600_000 });
    try {
      const refused = { reason: "REMOVED_FROM_ROOM", retryAfterSeconds: undefined };
      const again = rooms.enter("ben", { roomId, password: "tea" });
      await expect(again).rejects.toMatchObject(refused);
      await rooms.update("ann", { roomId, password: "rum" });
      expect(await knock("ben", { roomId, password: "rum" })).toBe("joined");
    } finally {
      vi.useRealTimers();
    }
  });

  it("opens nothing when it was changed while it was compared", async () => {
    let comparing: (() => void) | undefined;
    const { rooms, knock } = await setUp(async (password, hash) => {
      await new Promise<void>((resolve) => (comparing = resolve));
      return hash === `hash of ${password}`;
    });
    const { id: roomId } = await rooms.create("ann", { name: "Kitchen", password: "tea" });
    for (const password of ["rum", null]) {
      const knocking = knock("ben", { roomId, password: "tea" });
      await eventually(() => expect(comparing).toBeDefined());
      await rooms.update("ann", { roomId, visibility: "private", password });
      comparing?.();
      comparing = undefined;
      expect(await knocking).toBe("ROOM_NOT_FOUND");
      await rooms.update("ann", { roomId, visibility: "public", password: "tea" });
    }
  });

  it("is changed by nobody who may not, or not any more once it is hashed", async () => {
    const { db } = await open();
    for (const name of ["ann", "mia"]) await insertSampleAccount(db, name);
    const hash = vi.fn(async (password: string) => {
      await rooms.setRole("ann", { roomId, accountId: "mia", role: "member" });
      return `hash of ${password}`;
    });
    const rooms = await openTestRooms(db, { hash });
    const { id: roomId } = await rooms.create("ann", "Kitchen");
    await rooms.join(roomId, "mia");
    await rooms.setRole("ann", { roomId, accountId: "mia", role: "moderator" });
    for (let time = 0; time < 2; time += 1) {
      const changing = rooms.update("mia", { roomId, password: "rum" });
      await expect(changing).rejects.toMatchObject({ reason: "ROLE_TOO_LOW" });
    }
    // That is dear: it is done for nobody who was none to begin with.
    expect(hash).toHaveBeenCalledOnce();
    expect((await rooms.get(roomId, "mia")).hasPassword).toBe(false);
  });

  it("is counted by who guesses, until they know it, and by where they do", async () => {
    const { rooms, knock } = await setUp();
    const { id: roomId } = await rooms.create("ann", { name: "Kitchen", password: "tea" });
    const right = { roomId, password: "tea" };
    for (let round = 0; round < 2; round += 1) {
      for (let guess = 0; guess < 9; guess += 1) {
        expect(await knock("ben", { roomId, password: "gin" })).toBe("ROOM_PASSWORD_WRONG");
      }
      expect(await knock("ben", right)).toBe("joined");
      await rooms.rooms.leave(roomId, "ben");
    }
    // From one network, by whoever: fifty.
    for (let guess = 20; guess < 50; guess += 1) {
      expect(await knock(`guest ${guess}`, { roomId, password: "gin" })).toBe(
        "ROOM_PASSWORD_WRONG",
      );
    }
    expect(await knock("cleo", right)).toBe("TOO_MANY_REQUESTS");
  });
});
