import { expect, it, vi } from "vitest";
import type { RoomJoined } from "../../shared/room.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import { AppError } from "../kit/errors.ts";
import { openTestRooms } from "./testing/open-rooms.ts";
import { eventually } from "../../shared/testing/eventually.ts";

async function reasonOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "none",
    (error: unknown) => {
      if (error instanceof AppError) return `${error.reason}: ${error.message}`;
      throw error;
    },
  );
}

describeEachDialect("coming into rooms", (open) => {
  async function setUp() {
    const { db } = await open();
    for (const name of ["ann", "ben", "cleo", "dan"]) await insertSampleAccount(db, name);
    return { db, rooms: await openTestRooms(db) };
  }
  type Rooms = Awaited<ReturnType<typeof setUp>>["rooms"];

  const invite = (rooms: Rooms, roomId: string, more: { uses?: number; seconds?: number } = {}) =>
    rooms.createInvite("ann", {
      roomId,
      role: "member",
      uses: more.uses,
      expiresInSeconds: more.seconds,
    });
  const statusOf = async (joining: Promise<RoomJoined>) => (await joining).status;

  it("takes the password or an invitation, where a room is private", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", {
      name: "Cellar",
      visibility: "private",
      password: "open sesame",
    });
    const { code } = await invite(rooms, roomId);
    expect(await statusOf(rooms.enter("ben", { roomId, password: "open sesame" }))).toBe("joined");
    expect(await statusOf(rooms.enter("cleo", { invite: code }))).toBe("joined");
    // Who is inside needs neither.
    expect(await statusOf(rooms.enter("cleo", { roomId }))).toBe("joined");
  });

  it("answers alike for a private room and for one that isn't there, whatever is asked", async () => {
    const { rooms } = await setUp();
    const { id } = await rooms.create("ann", {
      name: "Cellar",
      visibility: "private",
      password: "open sesame",
    });
    const { id: invitedOnly } = await rooms.create("ann", { name: "Attic", visibility: "private" });
    const { signal } = new AbortController();
    for (const roomId of [id, invitedOnly, "none"]) {
      const page = { roomId, limit: 10 };
      for (const attempt of [
        () => rooms.enter("ben", { roomId }),
        () => rooms.enter("ben", { roomId, password: "wrong" }),
        () => rooms.get(roomId, "ben"),
        () => rooms.members("ben", page),
        () => rooms.membership(roomId, "ben", "chat.onMessage", signal),
        () => rooms.rooms.leave(roomId, "ben"),
        () => rooms.remove("ben", roomId),
        () => rooms.kick("ben", { roomId, accountId: "ann" }),
        () => rooms.createInvite("ben", { roomId, role: "member" }),
        () => rooms.lobby("ben", page),
        () => rooms.withdraw(roomId, "ben"),
        () => rooms.followAdmission(roomId, "ben", signal).next(),
      ]) {
        expect(await reasonOf(attempt())).toBe("ROOM_NOT_FOUND: There is no such room.");
      }
    }
  });

  it("compares every password, also where there is no room or it has none", async () => {
    const { db } = await open();
    await insertSampleAccount(db, "ann");
    await insertSampleAccount(db, "ben");
    const compared: (string | undefined)[] = [];
    const rooms = await openTestRooms(db, {
      verify: (_password, hash) => {
        compared.push(hash);
        return Promise.resolve(false);
      },
    });
    const { id } = await rooms.create("ann", { name: "Attic", visibility: "private" });
    for (const roomId of [id, "none"]) {
      await reasonOf(rooms.enter("ben", { roomId, password: "guess" }));
    }
    expect(compared).toEqual([undefined, undefined]);
  });

  it("refuses more than ten guesses of a password, by account and room", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", {
      name: "Cellar",
      visibility: "private",
      password: "open sesame",
    });
    for (const guessed of [roomId, "none"]) {
      for (let guess = 0; guess < 10; guess += 1) {
        const attempt = rooms.enter("ben", { roomId: guessed, password: `guess ${guess}` });
        expect(await reasonOf(attempt)).toContain("ROOM_NOT_FOUND");
      }
      const late = rooms.enter("ben", { roomId: guessed, password: "open sesame" });
      expect(await reasonOf(late)).toContain("TOO_MANY_REQUESTS");
    }
    const other = rooms.enter("cleo", { roomId, password: "open sesame" });
    expect(await statusOf(other)).toBe("joined");
  });

  it("lets as many come by an invitation as it says, also all at once", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", { name: "Attic", visibility: "private" });
    const { code } = await invite(rooms, roomId, { uses: 2 });
    const outcomes = await Promise.all(
      ["ben", "cleo", "dan"].map((guest) => reasonOf(rooms.enter(guest, { invite: code }))),
    );
    expect(outcomes.filter((outcome) => outcome === "none")).toHaveLength(2);
    expect(outcomes.find((outcome) => outcome !== "none")).toContain("INVITE_INVALID");
    expect((await rooms.get(roomId, "ann")).memberCount).toBe(3);
  });

  it("takes an invitation for unknown that has expired, was revoked or used up", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", { name: "Attic", visibility: "private" });
    const expiring = await invite(rooms, roomId, { seconds: 60 });
    const revoked = await invite(rooms, roomId);
    await rooms.revokeInvite("ann", { roomId, inviteId: revoked.id });
    const used = await invite(rooms, roomId, { uses: 1 });
    await rooms.enter("dan", { invite: used.code });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    try {
      const answers = [];
      for (const code of [expiring.code, revoked.code, used.code, "unknown"]) {
        answers.push(await reasonOf(rooms.enter("ben", { invite: code })));
        answers.push(await reasonOf(rooms.invitation(code, undefined)));
      }
      expect(new Set(answers)).toEqual(
        new Set(["INVITE_INVALID: This invitation is not valid, or not any more."]),
      );
      expect((await rooms.invites("ann", { roomId, limit: 10 })).items).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("takes an invitation for no other room than its own", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", { name: "Attic", visibility: "private" });
    const { id: own } = await rooms.create("ben", "Kitchen");
    const { code } = await rooms.createInvite("ben", { roomId: own, role: "member" });
    const elsewhere = rooms.enter("ben", { roomId, invite: code });
    expect(await reasonOf(elsewhere)).toContain("INVITE_INVALID");
    expect((await rooms.get(roomId, "ann")).memberCount).toBe(1);
  });

  it("has two hundred invitations a room at most, without those that open nothing", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", "Kitchen");
    const { code } = await invite(rooms, roomId, { uses: 1 });
    await invite(rooms, roomId, { seconds: 60 });
    for (let count = 2; count < 200; count += 1) await invite(rooms, roomId);
    expect(await reasonOf(invite(rooms, roomId))).toContain("TOO_MANY_INVITES");
    await rooms.enter("ben", { invite: code });
    expect(await reasonOf(invite(rooms, roomId))).toBe("none");
    expect(await reasonOf(invite(rooms, roomId))).toContain("TOO_MANY_INVITES");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 61_000 });
    try {
      expect(await reasonOf(invite(rooms, roomId))).toBe("none");
    } finally {
      vi.useRealTimers();
    }
  });

  it("has codes of 160 random bits, of which only a hash is kept", async () => {
    const { rooms, db } = await setUp();
    const { id: roomId } = await rooms.create("ann", "Kitchen");
    const codes = [(await invite(rooms, roomId)).code, (await invite(rooms, roomId)).code];
    expect(new Set(codes).size).toBe(2);
    for (const code of codes) expect(Buffer.from(code, "base64url")).toHaveLength(20);
    const stored = JSON.stringify(await db.selectFrom("room_invites").selectAll().execute());
    for (const code of codes) expect(stored).not.toContain(code);
  });

  it("shows somebody who is invited where to, and nothing to who is banned there", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", {
      name: "Attic",
      visibility: "private",
      settings: { languages: ["en", "ca"] },
    });
    const { code } = await invite(rooms, roomId);
    expect(await rooms.invitation(code, undefined)).toEqual({
      room: {
        id: roomId,
        name: "Attic",
        description: "",
        languages: ["en", "ca"],
        memberCount: 1,
        presentCount: 0,
      },
      role: "member",
      people: [{ name: "ann", language: "en" }],
    });
    await rooms.ban("ann", { roomId, accountId: "ben" });
    expect(await reasonOf(rooms.invitation(code, "ben"))).toContain("INVITE_INVALID");
    expect(await reasonOf(rooms.enter("ben", { invite: code }))).toContain("INVITE_INVALID");
    expect(await reasonOf(rooms.enter("ben", { roomId }))).toContain("ROOM_NOT_FOUND");
  });

  it("keeps who was sent out from coming back by what was valid then", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", {
      name: "Cellar",
      visibility: "private",
      password: "open sesame",
    });
    const { code } = await invite(rooms, roomId);
    await rooms.enter("ben", { invite: code });
    expect((await rooms.invitation(code, "ben")).role).toBe("member");
    await rooms.kick("ann", { roomId, accountId: "ben" });
    expect(await reasonOf(rooms.enter("ben", { invite: code }))).toContain("INVITE_INVALID");
    expect(await reasonOf(rooms.invitation(code, "ben"))).toContain("INVITE_INVALID");
    const byPassword = rooms.enter("ben", { roomId, password: "open sesame" });
    expect(await reasonOf(byPassword)).toContain("ROOM_NOT_FOUND");
    await eventually(async () => {
      const { code: anew } = await invite(rooms, roomId);
      expect(await statusOf(rooms.enter("ben", { invite: anew }))).toBe("joined");
    });
    // It is forgotten then.
    await rooms.rooms.leave(roomId, "ben");
    const again = rooms.enter("ben", { roomId, password: "open sesame" });
    expect(await statusOf(again)).toBe("joined");
  });

  it("keeps who was sent out of a public room out for ten minutes", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", "Kitchen");
    await rooms.join(roomId, "ben");
    await rooms.kick("ann", { roomId, accountId: "ben" });
    await expect(rooms.enter("ben", { roomId })).rejects.toMatchObject({
      reason: "REMOVED_FROM_ROOM",
      retryAfterSeconds: 600,
    });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 600_000 });
    try {
      expect(await statusOf(rooms.enter("ben", { roomId }))).toBe("joined");
    } finally {
      vi.useRealTimers();
    }
  });

  it("is refused while a room is locked or full, but not to who is inside", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", { name: "Kitchen", capacity: 2 });
    const { code } = await invite(rooms, roomId);
    await rooms.update("ann", { roomId, locked: true });
    expect(await reasonOf(rooms.enter("ben", { roomId }))).toContain("ROOM_LOCKED");
    expect(await reasonOf(rooms.enter("ben", { invite: code }))).toContain("ROOM_LOCKED");
    expect(await statusOf(rooms.enter("ann", { roomId }))).toBe("joined");
    await rooms.update("ann", { roomId, locked: false });
    const both = ["ben", "cleo"].map((guest) => reasonOf(rooms.enter(guest, { roomId })));
    expect(
      (await Promise.all(both)).map((outcome) => outcome.split(":")[0] ?? "").toSorted(),
    ).toEqual(["ROOM_FULL", "none"]);
  });

  it("asks for the password of a public room, which everyone may see", async () => {
    const { rooms } = await setUp();
    const { id: roomId } = await rooms.create("ann", { name: "Kitchen", password: "tea" });
    expect(await reasonOf(rooms.enter("ben", { roomId }))).toContain("ROOM_PASSWORD_WRONG");
    expect(await reasonOf(rooms.get(roomId, "ben"))).toContain("NOT_A_MEMBER");
    expect(await statusOf(rooms.enter("ben", { roomId, password: "tea" }))).toBe("joined");
    await rooms.update("ann", { roomId, password: null });
    expect(await statusOf(rooms.enter("cleo", { roomId }))).toBe("joined");
  });
});
