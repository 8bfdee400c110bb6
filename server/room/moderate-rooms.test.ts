import { expect, it } from "vitest";
import type { RoomAdmissionEvent, RoomEvent, RoomRole } from "../../shared/room.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import { openTestRooms, type TestRooms } from "./testing/open-rooms.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const never = new AbortController().signal;

/** What somebody is told who has the room open, but for who is there; `ended` once they are told nothing more. */
function follow(rooms: TestRooms, roomId: string, accountId: string) {
  const told = { events: [] as RoomEvent[], ended: false };
  void (async () => {
    for await (const { event } of rooms.follow(roomId, accountId, { signal: never })) {
      if (event.type !== "present") told.events.push(event);
    }
    told.ended = true;
  })();
  return told;
}

describeEachDialect("moderation of rooms", (open) => {
  /** A room of ann's with mia, who moderates, ben, a member, and leo, who listens. */
  async function setUp() {
    const { db } = await open();
    const rooms = await openTestRooms(db);
    for (const name of ["ann", "mia", "ben", "leo", "eve"]) await insertSampleAccount(db, name);
    const { id: roomId } = await rooms.create("ann", "Kitchen");
    for (const name of ["mia", "ben", "leo"]) await rooms.join(roomId, name);
    await rooms.setRole("ann", { roomId, accountId: "mia", role: "moderator" });
    await rooms.setRole("ann", { roomId, accountId: "leo", role: "listener" });
    const roles = async () => {
      const { members } = await rooms.get(roomId, "ann");
      return Object.fromEntries(members.map(({ accountId, role }) => [accountId, role]));
    };
    return { db, rooms, roomId, roles };
  }

  it("gives roles below one's own, to those below oneself", async () => {
    const { rooms, roomId, roles } = await setUp();
    const set = (actor: string, accountId: string, role: RoomRole) =>
      rooms.setRole(actor, { roomId, accountId, role });
    await set("mia", "leo", "member");
    await set("mia", "ben", "listener");
    const tooLow = { reason: "ROLE_TOO_LOW" };
    await expect(set("mia", "ben", "moderator")).rejects.toMatchObject(tooLow);
    await expect(set("mia", "ann", "member")).rejects.toMatchObject(tooLow);
    await expect(set("mia", "mia", "owner")).rejects.toMatchObject(tooLow);
    await expect(set("leo", "ben", "member")).rejects.toMatchObject(tooLow);
    await expect(set("ann", "ann", "member")).rejects.toMatchObject(tooLow);
    await expect(set("ann", "eve", "member")).rejects.toMatchObject({ reason: "MEMBER_NOT_FOUND" });
    expect(await roles()).toEqual({
      ann: "owner",
      mia: "moderator",
      ben: "listener",
      leo: "member",
    });
  });

  it("hands a room over, and keeps the former owner as a moderator", async () => {
    const { rooms, roomId, roles } = await setUp();
    await rooms.setRole("ann", { roomId, accountId: "ben", role: "owner" });
    expect(await roles()).toMatchObject({ ann: "moderator", ben: "owner" });
    await expect(rooms.remove("ann", roomId)).rejects.toMatchObject({ reason: "ROLE_TOO_LOW" });
  });

  it("gives a room whose owner leaves to a moderator, else to who was there longest", async () => {
    const { rooms, roomId } = await setUp();
    await rooms.rooms.leave(roomId, "ann");
    expect((await rooms.get(roomId, "mia")).role).toBe("owner");
    await rooms.rooms.leave(roomId, "mia");
    expect((await rooms.get(roomId, "ben")).role).toBe("owner");
  });

  it.each(["kick", "ban"] as const)("ends all that somebody follows at once: %s", async (verb) => {
    const { rooms, roomId } = await setUp();
    const attending = await rooms.attend(roomId, "ben", "call.join", never);
    const captions = await rooms.membership(roomId, "ben", "call.onCaption", never);
    const ben = follow(rooms, roomId, "ben");
    await eventually(() => expect(ben.events).toHaveLength(1));
    await rooms[verb]("mia", { roomId, accountId: "ben" });
    // Not later: nothing that is published next may reach them.
    expect([attending.aborted, captions.aborted]).toEqual([true, true]);
    rooms.publish(roomId, { type: "speaking", accountId: "ann", speaking: true });
    await eventually(() => expect(ben.ended).toBe(true));
    const why = verb === "kick" ? "kicked" : "banned";
    expect(ben.events).toContainEqual({ type: "left", accountId: "ben", why });
    expect(ben.events.map(({ type }) => type)).not.toContain("speaking");
    await expect(rooms.enter("ben", { roomId })).rejects.toMatchObject({
      reason: verb === "kick" ? "REMOVED_FROM_ROOM" : "ROOM_NOT_FOUND",
    });
  });

  it("bans also who is no member, until it is lifted", async () => {
    const { rooms, roomId } = await setUp();
    await rooms.ban("mia", { roomId, accountId: "eve" });
    for (const attempt of [
      () => rooms.enter("eve", { roomId }),
      () => rooms.get(roomId, "eve"),
      () => rooms.membership(roomId, "eve", "chat.onMessage", never),
    ]) {
      await expect(attempt()).rejects.toMatchObject({ reason: "ROOM_NOT_FOUND" });
    }
    const page = { limit: 10 };
    expect((await rooms.list("eve", page)).items).toEqual([]);
    expect((await rooms.search("eve", { ...page, text: "kitchen" })).items).toEqual([]);
    expect((await rooms.list("leo", page)).items).toHaveLength(1);
    const { items } = await rooms.bans("ann", { roomId, ...page });
    expect(items).toMatchObject([{ accountId: "eve", name: "eve" }]);
    await rooms.unban("ann", { roomId, accountId: "eve" });
    expect((await rooms.enter("eve", { roomId })).status).toBe("joined");
    await expect(rooms.unban("ann", { roomId, accountId: "eve" })).rejects.toMatchObject({
      reason: "MEMBER_NOT_FOUND",
    });
  });

  it("invites to roles below one's own", async () => {
    const { rooms, roomId } = await setUp();
    const tooHigh = rooms.createInvite("mia", { roomId, role: "moderator" });
    await expect(tooHigh).rejects.toMatchObject({ reason: "ROLE_TOO_LOW" });
    const { code } = await rooms.createInvite("mia", { roomId, role: "listener" });
    await rooms.enter("eve", { invite: code });
    expect((await rooms.get(roomId, "eve")).role).toBe("listener");
  });

  it("leaves the invitations of other rooms alone", async () => {
    const { rooms, roomId } = await setUp();
    const attic = await rooms.create("eve", "Attic");
    const { id: inviteId, code } = await rooms.createInvite("ann", { roomId, role: "member" });
    const revoked = rooms.revokeInvite("eve", { roomId: attic.id, inviteId });
    await expect(revoked).rejects.toMatchObject({ reason: "INVITE_INVALID" });
    expect((await rooms.enter("eve", { invite: code })).status).toBe("joined");
  });

  it("admits as many as a room may have, also all at once", async () => {
    const { db, rooms, roomId } = await setUp();
    await insertSampleAccount(db, "dan");
    await rooms.update("ann", { roomId, lobby: true, capacity: 5 });
    for (const name of ["dan", "eve"]) await rooms.enter(name, { roomId });
    const admitted = await Promise.allSettled(
      ["dan", "eve"].map((accountId) => rooms.admit("mia", { roomId, accountId })),
    );
    expect(admitted.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(admitted.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { reason: "ROOM_FULL" },
    });
    // Who finds no place waits on.
    expect((await rooms.lobby("mia", { roomId, limit: 10 })).items).toHaveLength(1);
    expect((await rooms.get(roomId, "ann")).memberCount).toBe(5);
  });

  it("takes invitations with whoever made them", async () => {
    const { rooms, roomId } = await setUp();
    const { code } = await rooms.createInvite("mia", { roomId, role: "member" });
    await rooms.ban("ann", { roomId, accountId: "mia" });
    await expect(rooms.enter("eve", { invite: code })).rejects.toMatchObject({
      reason: "INVITE_INVALID",
    });
    await expect(rooms.createInvite("ann", { roomId, role: "moderator" })).resolves.toMatchObject({
      role: "moderator",
    });
  });

  it("tells that invitations are gone with whoever made them, also when they are gone themselves", async () => {
    const { rooms, roomId } = await setUp();
    const ann = follow(rooms, roomId, "ann");
    const { id: inviteId } = await rooms.createInvite("mia", { roomId, role: "member" });
    await rooms.rooms.leave(roomId, "mia");
    await rooms.ban("ann", { roomId, accountId: "mia" });
    await eventually(() => expect(ann.events).toContainEqual({ type: "inviteRevoked", inviteId }));
  });

  it("takes invitations from whoever may make none any more", async () => {
    const { rooms, roomId } = await setUp();
    const leo = follow(rooms, roomId, "ann");
    const invite = await rooms.createInvite("mia", { roomId, role: "member" });
    await rooms.setRole("ann", { roomId, accountId: "mia", role: "listener" });
    await rooms.rooms.leave(roomId, "mia");
    for (const name of ["mia", "eve"]) {
      await expect(rooms.enter(name, { invite: invite.code })).rejects.toMatchObject({
        reason: "INVITE_INVALID",
      });
    }
    const inviteRevoked = { type: "inviteRevoked", inviteId: invite.id };
    await eventually(() => expect(leo.events).toContainEqual(inviteRevoked));
  });

  it("keeps the invitations of who hands the room over", async () => {
    const { rooms, roomId } = await setUp();
    const { code } = await rooms.createInvite("ann", { roomId, role: "member" });
    await rooms.setRole("ann", { roomId, accountId: "mia", role: "owner" });
    expect((await rooms.enter("eve", { invite: code })).status).toBe("joined");
  });

  it("mutes until it is lifted, also who leaves and comes back", async () => {
    const { rooms, roomId } = await setUp();
    const changes: unknown[] = [];
    await rooms.onSpeechChanged(
      (change) => void changes.push(change),
      () => {},
    );
    await rooms.requireSpeaker(roomId, "ben");
    await rooms.mute("mia", { roomId, accountId: "ben", muted: true });
    expect(changes).toEqual([{ roomId, accountId: "ben" }]);
    await rooms.rooms.leave(roomId, "ben");
    const back = await rooms.join(roomId, "ben");
    expect(back.members.find(({ accountId }) => accountId === "ben")?.silenced).toBe(true);
    await expect(rooms.requireSpeaker(roomId, "ben")).rejects.toMatchObject({
      reason: "MUTED_BY_MODERATOR",
    });
    await rooms.mute("mia", { roomId, accountId: "ben", muted: false });
    await rooms.requireSpeaker(roomId, "ben");
  });

  it("keeps a listener one, also who leaves and comes back", async () => {
    const { rooms, roomId } = await setUp();
    const old = await rooms.createInvite("mia", { roomId, role: "member" });
    await rooms.setRole("mia", { roomId, accountId: "ben", role: "listener" });
    const comeBack = async (name: string, invite?: string) => {
      await rooms.rooms.leave(roomId, name);
      await rooms.enter(name, { roomId, invite });
      return (await rooms.get(roomId, name)).role;
    };
    expect(await comeBack("ben")).toBe("listener");
    expect(await comeBack("ben", old.code)).toBe("listener");
    await eventually(async () => {
      const anew = await rooms.createInvite("mia", { roomId, role: "member" });
      expect(await comeBack("ben", anew.code)).toBe("member");
    });
    await rooms.setRole("mia", { roomId, accountId: "leo", role: "member" });
    expect(await comeBack("leo")).toBe("member");
  });

  it("lets speak whom the table and the room's setting let", async () => {
    const { rooms, roomId } = await setUp();
    const mayNot = async () => {
      const asked = ["ann", "mia", "ben", "leo", "eve"].map(async (name) => {
        await rooms.requireSpeaker(roomId, name).catch(() => refused.push(name));
      });
      const refused: string[] = [];
      await Promise.all(asked);
      return refused.toSorted();
    };
    expect(await mayNot()).toEqual(["eve", "leo"]);
    const changes: unknown[] = [];
    await rooms.onSpeechChanged(
      (change) => void changes.push(change),
      () => {},
    );
    await rooms.update("mia", { roomId, settings: { speak: "moderator" } });
    expect(await mayNot()).toEqual(["ben", "eve", "leo"]);
    await rooms.update("ann", { roomId, settings: { speak: "owner" } });
    expect(await mayNot()).toEqual(["ben", "eve", "leo", "mia"]);
    // Whoever speaks at that moment is checked anew.
    expect(changes).toEqual([{ roomId }, { roomId }]);
  });

  it("has who comes wait until a moderator decides, and tells both sides", async () => {
    const { rooms, roomId } = await setUp();
    await rooms.update("ann", { roomId, lobby: true });
    const mia = follow(rooms, roomId, "mia");
    const leo = follow(rooms, roomId, "leo");
    await eventually(() => expect([mia.events.length, leo.events.length]).toEqual([1, 1]));
    const wait = async () => {
      const answer = await rooms.enter("eve", { roomId });
      expect(answer).toMatchObject({ status: "waiting", room: { name: "Kitchen" } });
      const told: RoomAdmissionEvent["type"][] = [];
      const admission = (async () => {
        for await (const event of rooms.followAdmission(roomId, "eve", never)) {
          told.push(event.type);
        }
        return told;
      })();
      await eventually(() => expect(told).toEqual(["waiting"]));
      return { admission };
    };
    const first = await wait();
    expect((await rooms.lobby("mia", { roomId, limit: 10 })).items).toHaveLength(1);
    await eventually(() => expect(mia.events.at(-1)).toMatchObject({ type: "waiting" }));
    await rooms.refuse("mia", { roomId, accountId: "eve" });
    expect(await first.admission).toEqual(["waiting", "refused"]);
    await expect(rooms.get(roomId, "eve")).rejects.toMatchObject({ reason: "NOT_A_MEMBER" });

    const second = await wait();
    await eventually(() => expect(mia.events.at(-1)).toMatchObject({ type: "waiting" }));
    await rooms.admit("mia", { roomId, accountId: "eve" });
    expect(await second.admission).toEqual(["waiting", "admitted"]);
    expect((await rooms.get(roomId, "eve")).role).toBe("member");
    await eventually(() => expect(leo.events.at(-1)).toMatchObject({ type: "joined" }));
    const types = leo.events.map(({ type }) => type);
    expect(types).not.toContain("waiting");
    expect(types).not.toContain("notWaiting");
    await expect(rooms.admit("mia", { roomId, accountId: "eve" })).rejects.toMatchObject({
      reason: "NOT_WAITING",
    });
  });

  it("lets in who waits when the lobby is turned off, as far as there is room", async () => {
    const { db, rooms, roomId, roles } = await setUp();
    await insertSampleAccount(db, "dan");
    const [mia, leo] = [follow(rooms, roomId, "mia"), follow(rooms, roomId, "leo")];
    await rooms.update("ann", { roomId, lobby: true, capacity: 5 });
    const { code } = await rooms.createInvite("ann", { roomId, role: "listener" });
    await rooms.enter("dan", { invite: code });
    await rooms.enter("eve", { roomId });
    const admission = async (accountId: string) => {
      const told: string[] = [];
      for await (const { type } of rooms.followAdmission(roomId, accountId, never)) told.push(type);
      return told;
    };
    const [dan, eve] = [admission("dan"), admission("eve")];
    const waiting = async () => {
      const { items } = await rooms.lobby("mia", { roomId, limit: 10 });
      return items.map(({ accountId }) => accountId);
    };
    await rooms.update("ann", { roomId, lobby: false, locked: true });
    expect(await waiting()).toEqual(["dan", "eve"]);

    // Who has waited longest has the last place, and the role that was promised.
    const { memberCount } = await rooms.update("ann", { roomId, locked: false });
    expect(memberCount).toBe(5);
    expect(await dan).toEqual(["waiting", "admitted"]);
    expect(await roles()).toMatchObject({ dan: "listener" });
    expect(await waiting()).toEqual(["eve"]);
    await rooms.update("ann", { roomId, capacity: null });
    expect(await eve).toEqual(["waiting", "admitted"]);
    expect(await roles()).toMatchObject({ eve: "member" });

    const isJoined = { type: "joined", member: expect.objectContaining({ accountId: "eve" }) };
    await eventually(() => expect(leo.events.at(-1)).toEqual(isJoined));
    await eventually(() => expect(mia.events.at(-1)).toEqual(isJoined));
    expect(mia.events).toContainEqual({ type: "notWaiting", accountId: "dan" });
  });

  it("lets a crowd in at once", async () => {
    const { db, rooms, roomId } = await setUp();
    const crowd = Array.from({ length: 250 }, (_, index) => `guest-${index}`);
    for (const name of crowd) await insertSampleAccount(db, name);
    const since = "2026-01-01T00:00:00.000Z";
    await db
      .insertInto("room_waiting")
      .values(crowd.map((name) => ({ room_id: roomId, account_id: name, role: "member", since })))
      .execute();
    const room = await rooms.update("ann", { roomId, lobby: false, capacity: 204 });
    expect(room.memberCount).toBe(204);
    expect((await rooms.update("ann", { roomId, capacity: null })).memberCount).toBe(254);
    expect((await rooms.lobby("ann", { roomId, limit: 10 })).items).toEqual([]);
  });

  it("tells what moderators should know to them alone, from when they are one", async () => {
    const { rooms, roomId } = await setUp();
    const leo = follow(rooms, roomId, "leo");
    const mia = follow(rooms, roomId, "mia");
    await eventually(() => expect([mia.events.length, leo.events.length]).toEqual([1, 1]));
    const invites = (told: typeof leo) => told.events.filter(({ type }) => type === "invited");
    await rooms.createInvite("ann", { roomId, role: "member" });
    await eventually(() => expect(invites(mia)).toHaveLength(1));
    await rooms.setRole("ann", { roomId, accountId: "leo", role: "moderator" });
    await rooms.setRole("ann", { roomId, accountId: "mia", role: "member" });
    await rooms.createInvite("ann", { roomId, role: "member" });
    await eventually(() => expect(invites(leo)).toHaveLength(1));
    expect(invites(mia)).toHaveLength(1);
    expect(JSON.stringify(leo.events)).not.toContain("code");
  });

  it("tells nobody more for what they were before they left and came back", async () => {
    const { rooms, roomId } = await setUp();
    const { value: before } = await rooms.follow(roomId, "ben", { signal: never }).next();
    await rooms.setRole("ann", { roomId, accountId: "ben", role: "moderator" });
    await rooms.rooms.leave(roomId, "ben");
    await rooms.join(roomId, "ben");
    await rooms.createInvite("ann", { roomId, role: "member" });
    const told: string[] = [];
    for await (const { event } of rooms.follow(roomId, "ben", {
      lastEventId: before?.id,
      signal: never,
    })) {
      told.push(event.type);
      if (event.type === "snapshot") rooms.publish(roomId, { type: "removed" });
      if (event.type === "removed") break;
    }
    expect(told[0]).toBe("snapshot");
    expect(told).not.toContain("invited");
  });

  it("tells nobody what happened while they were out, only what did while they were away", async () => {
    const { rooms, roomId } = await setUp();
    /** What they are told first, and an event after which they go on. */
    const comeBack = async (accountId: string, lastEventId?: string) => {
      const signal = AbortSignal.timeout(30_000);
      const { value } = await rooms.follow(roomId, accountId, { lastEventId, signal }).next();
      return { id: value?.id, type: value?.event.type };
    };
    const [ben, leo] = [await comeBack("ben"), await comeBack("leo")];
    await rooms.kick("mia", { roomId, accountId: "ben" });
    await rooms.update("ann", { roomId, name: "A surprise for Ben" });
    expect((await comeBack("leo", leo.id)).type).not.toBe("snapshot");
    await eventually(async () => {
      const { code } = await rooms.createInvite("ann", { roomId, role: "member" });
      await rooms.enter("ben", { invite: code });
    });
    const back = await comeBack("ben", ben.id);
    expect(back.type).toBe("snapshot");
    await rooms.update("ann", { roomId, name: "Kitchen" });
    expect((await comeBack("ben", back.id)).type).not.toBe("snapshot");
  });

  it("tells that somebody came before it tells that they went, however soon that is", async () => {
    const { db, rooms, roomId } = await setUp();
    await insertSampleAccount(db, "dan");
    const ann = follow(rooms, roomId, "ann");
    await eventually(() => expect(ann.events).toHaveLength(1));
    /** As soon as they are there. */
    const kick = async (accountId: string) => {
      const gone = () => rooms.kick("mia", { roomId, accountId }).then(() => true);
      while (!(await gone().catch(() => false)));
    };
    // Who is gone before they see the room is told so.
    await Promise.allSettled([rooms.enter("eve", { roomId }), kick("eve")]);
    await rooms.update("ann", { roomId, lobby: true });
    await rooms.enter("dan", { roomId });
    await Promise.all([rooms.admit("mia", { roomId, accountId: "dan" }), kick("dan")]);
    const told = ann.events.map(({ type }) => type);
    const comings = told.filter((type) => type === "joined" || type === "left");
    expect(comings).toEqual(["joined", "left", "joined", "left"]);
  });

  it("tells everyone of changes, as they are now", async () => {
    const { rooms, roomId } = await setUp();
    const ben = follow(rooms, roomId, "ben");
    await eventually(() => expect(ben.events).toHaveLength(1));
    const glossary = [{ from: "en", to: "ca", terms: [{ term: "sheet", translation: "escota" }] }];
    await rooms.update("mia", {
      roomId,
      name: "Galley",
      visibility: "private",
      password: "rum",
      settings: { glossary, keepHistory: false, keepCaptions: false },
    });
    await eventually(() => expect(ben.events).toHaveLength(2));
    expect(ben.events[1]).toMatchObject({
      type: "changed",
      change: { name: "Galley", hasPassword: true, settings: { glossary, keepHistory: false } },
    });
    expect(JSON.stringify(ben.events)).not.toContain("rum");
    expect(await rooms.settings(roomId)).toMatchObject({ glossary, keepCaptions: false });
    expect(await rooms.listRoomsWithoutHistory()).toEqual([roomId]);
    await expect(rooms.update("ben", { roomId, name: "Mutiny" })).rejects.toMatchObject({
      reason: "ROLE_TOO_LOW",
    });
    await rooms.tellProfile({ id: "mia", name: "Maria", language: "es" });
    await eventually(() => {
      expect(ben.events.at(-1)).toMatchObject({ type: "renamed", name: "Maria", language: "es" });
    });
  });

  it("removes a room from under everyone", async () => {
    const { rooms, roomId } = await setUp();
    const ben = follow(rooms, roomId, "ben");
    await eventually(() => expect(ben.events).toHaveLength(1));
    await rooms.remove("ann", roomId);
    await eventually(() => expect(ben.ended).toBe(true));
    expect(ben.events.at(-1)).toEqual({ type: "removed" });
    await expect(rooms.get(roomId, "ann")).rejects.toMatchObject({ reason: "ROOM_NOT_FOUND" });
  });

  it("leaves nothing of an account that is erased, nor rooms that nobody is in", async () => {
    const { rooms, roomId, roles, db } = await setUp();
    const own = await rooms.create("leo", { name: "Attic", visibility: "private" });
    await rooms.update("ann", { roomId, lobby: true });
    await rooms.enter("eve", { roomId });
    await rooms.erase("eve");
    expect((await rooms.lobby("ann", { roomId, limit: 10 })).items).toEqual([]);
    await rooms.erase("leo");
    await expect(rooms.settings(own.id)).rejects.toMatchObject({ reason: "ROOM_NOT_FOUND" });
    expect(await roles()).not.toHaveProperty("leo");
    await rooms.erase("ann");
    expect((await rooms.get(roomId, "mia")).role).toBe("owner");
    for (const table of ["room_members", "room_waiting", "room_restrictions"] as const) {
      const rows = await db.selectFrom(table).select("account_id").execute();
      expect(rows.map((row) => row.account_id)).not.toContain("ann");
    }
  });
});
