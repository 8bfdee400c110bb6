import { expect, it, vi } from "vitest";
import type { Room, RoomEvent } from "../../shared/room.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import type { AppError } from "../kit/errors.ts";
import { openTestRooms } from "./testing/open-rooms.ts";
import { eventually } from "../../shared/testing/eventually.ts";

const never = new AbortController().signal;

describeEachDialect("rooms", (open) => {
  async function setUp() {
    const { db } = await open();
    for (const name of ["ann", "ben", "cleo"]) await insertSampleAccount(db, name);
    return { db, rooms: await openTestRooms(db) };
  }

  it("belong to whoever makes them, and are joined once", async () => {
    const { rooms } = await setUp();
    const made = await rooms.create("ann", "Kitchen");
    expect(made).toMatchObject({ name: "Kitchen", role: "owner", memberCount: 1 });
    await rooms.join(made.id, "ben");
    const joined = await rooms.join(made.id, "ben");
    expect(joined.role).toBe("member");
    expect(joined.members.map(({ accountId, role }) => [accountId, role])).toEqual([
      ["ann", "owner"],
      ["ben", "member"],
    ]);
  });

  it("take along what others keep for them, once they are gone", async () => {
    const { db } = await setUp();
    const removed: string[] = [];
    const onRemoved = async (roomId: string) => {
      expect(await db.selectFrom("rooms").select("id").where("id", "=", roomId).execute()).toEqual(
        [],
      );
      removed.push(roomId);
    };
    const onRemoving = vi.fn((_roomId: string) => Promise.resolve());
    const rooms = await openTestRooms(db, {}, { onRemoving, onRemoved });
    const kitchen = await rooms.create("ann", "Kitchen");
    const cellar = await rooms.create("ben", "Cellar");
    await rooms.join(kitchen.id, "ben");
    await expect(rooms.remove("ben", kitchen.id)).rejects.toThrow();
    expect(onRemoving).not.toHaveBeenCalled();
    onRemoving.mockRejectedValueOnce(new Error("not now"));
    await expect(rooms.remove("ann", kitchen.id)).rejects.toThrow("not now");
    expect((await rooms.get(kitchen.id, "ben")).memberCount).toBe(2);
    expect(removed).toEqual([]);
    await rooms.remove("ann", kitchen.id);
    expect(removed).toEqual([kitchen.id]);
    // Nobody is left in it.
    await rooms.erase("ben");
    expect(removed).toEqual([kitchen.id, cellar.id]);
  });

  it("are entered by nobody while they go with who was alone there", async () => {
    const { db } = await setUp();
    const answers: string[] = [];
    const onRemoving = vi.fn(async (roomId: string) => {
      const joined = rooms.join(roomId, "ben").catch(({ reason }: AppError) => reason);
      answers.push(JSON.stringify(await joined));
    });
    const rooms = await openTestRooms(db, {}, { onRemoving });
    const { id } = await rooms.create("ann", "Kitchen");
    const shared = await rooms.create("ann", "Cellar");
    await rooms.join(shared.id, "ben");
    onRemoving.mockRejectedValueOnce(new Error("not now"));
    await expect(rooms.erase("ann")).rejects.toThrow("not now");
    // What could not be done is done when it is tried again.
    await rooms.erase("ann");
    expect(answers).toEqual(['"ROOM_FULL"']);
    await expect(rooms.get(id, "ann")).rejects.toMatchObject({ reason: "ROOM_NOT_FOUND" });
    expect(await rooms.get(shared.id, "ben")).toMatchObject({ role: "owner", memberCount: 1 });
  });

  it("say between which languages their glossary has changed", async () => {
    const { db } = await setUp();
    const told: string[] = [];
    const rooms = await openTestRooms(
      db,
      {},
      {
        onGlossaryChanged: (_roomId, pairs) => {
          told.push(pairs.map(({ from, to }) => `${from}-${to}`).join(" "));
          return Promise.resolve();
        },
      },
    );
    const { id: roomId } = await rooms.create("ann", "Kitchen");
    const pair = (to: string, translation: string) => {
      return { from: "en", to, terms: [{ term: "sheet", translation }] };
    };
    const set = (...glossary: ReturnType<typeof pair>[]) =>
      rooms.update("ann", { roomId, settings: { glossary } });
    await set(pair("es", "escota"), pair("ca", "escota"));
    await rooms.update("ann", { roomId, name: "Galley" });
    await set(pair("ca", "escota"), pair("es", "escota"));
    await set(pair("es", "hoja"), pair("ca", "escota"));
    await set(pair("fr", "écoute"), pair("ca", "escota"));
    expect(told).toEqual(["en-es en-ca", "en-es", "en-es en-fr"]);
  });

  it("that keep no history are there for a member from when they came", async () => {
    const { rooms } = await setUp();
    const { id } = await rooms.create("ann", {
      name: "Kitchen",
      settings: { keepHistory: false },
    });
    const from = new Date().toISOString();
    await rooms.join(id, "ben");
    const came = (await rooms.historyFrom(id, "ben")) ?? "";
    expect(came >= from && came <= new Date().toISOString()).toBe(true);
    await rooms.update("ann", { roomId: id, settings: { keepHistory: true } });
    expect(await rooms.historyFrom(id, "ben")).toBeUndefined();
  });

  it("are joined once by somebody who joins twice at the same time", async () => {
    const { rooms } = await setUp();
    const { id } = await rooms.create("ann", "Kitchen");
    await Promise.all([rooms.join(id, "ben"), rooms.join(id, "ben"), rooms.join(id, "cleo")]);
    expect((await rooms.get(id, "ben")).memberCount).toBe(3);
  });

  it("tell those who aren't members from those that don't exist", async () => {
    const { rooms } = await setUp();
    const { id } = await rooms.create("ann", "Kitchen");
    await expect(rooms.get(id, "ben")).rejects.toMatchObject({ reason: "NOT_A_MEMBER" });
    await expect(rooms.leave(id, "ben")).rejects.toMatchObject({ reason: "NOT_A_MEMBER" });
    const none = { reason: "ROOM_NOT_FOUND" };
    await expect(rooms.get("none", "ben")).rejects.toMatchObject(none);
    await expect(rooms.join("none", "ben")).rejects.toMatchObject(none);
    await expect(rooms.leave("none", "ben")).rejects.toMatchObject(none);
  });

  it("pass to the member of longest standing when the owner leaves, and to who comes back", async () => {
    const { rooms } = await setUp();
    const { id } = await rooms.create("ann", "Kitchen");
    await rooms.join(id, "cleo");
    await new Promise((resolve) => setTimeout(resolve, 2));
    await rooms.join(id, "ben");
    await rooms.leave(id, "ann");
    expect((await rooms.get(id, "cleo")).role).toBe("owner");
    await rooms.leave(id, "ben");
    await rooms.leave(id, "cleo");
    const { items } = await rooms.list("ann", { limit: 10 });
    expect(items).toMatchObject([{ id, memberCount: 0 }]);
    expect((await rooms.join(id, "ben")).role).toBe("owner");
  });

  it("end what a member follows when the membership does, and not what others follow", async () => {
    const { rooms } = await setUp();
    const { id } = await rooms.create("ann", "Kitchen");
    await rooms.join(id, "ben");
    const ann = await rooms.membership(id, "ann", "room.onEvent", never);
    const ben = await rooms.membership(id, "ben", "room.onEvent", never);
    const stopping = new AbortController();
    const stopped = await rooms.membership(id, "ann", "room.onEvent", stopping.signal);
    stopping.abort();
    expect(stopped.aborted).toBe(true);
    await rooms.leave(id, "ben");
    await expect.poll(() => ben.aborted, { timeout: 1000 }).toBe(true);
    expect(ann.aborted).toBe(false);
    await expect(rooms.membership(id, "ben", "room.onEvent", never)).rejects.toMatchObject({
      reason: "NOT_A_MEMBER",
    });
  });

  it("count as present who attends, for as long as they do", async () => {
    const { rooms } = await setUp();
    const { id } = await rooms.create("ann", "Kitchen");
    const present = async () => (await rooms.get(id, "ann")).presentCount;
    const going = new AbortController();
    await rooms.attend(id, "ann", "call.join", going.signal);
    expect(await present()).toBe(1);
    going.abort();
    await expect.poll(present).toBe(0);
    await rooms.attend(id, "ann", "call.join", going.signal);
    await expect.poll(present).toBe(0);
  });

  it("say nothing more of the presence of who has left", async () => {
    const { rooms } = await setUp();
    const { id } = await rooms.create("ann", "Kitchen");
    await rooms.join(id, "ben");
    const told: RoomEvent[] = [];
    const watching = (async () => {
      for await (const { event } of rooms.follow(id, "ann", { signal: never })) {
        told.push(event);
        if (event.type === "removed") break;
      }
    })();
    await eventually(() => expect(told[0]?.type).toBe("snapshot"));
    await rooms.attend(id, "ben", "call.join", never);
    await rooms.leave(id, "ben");
    // As long as it would take to notice that they are gone.
    await new Promise((resolve) => setTimeout(resolve, 5));
    await rooms.remove("ann", id);
    await watching;
    const ofBen = told.filter((event) => "accountId" in event && event.accountId === "ben");
    expect(ofBen.map(({ type }) => type)).toEqual(["present", "left"]);
  });

  it("are resumed after much that was only for the moment", async () => {
    const { rooms } = await setUp();
    const { id } = await rooms.create("ann", "Kitchen");
    const follow = (lastEventId?: string) =>
      rooms.follow(id, "ann", { lastEventId, signal: AbortSignal.timeout(30_000) });
    const lastEventId = (await follow().next()).value?.id;
    await rooms.join(id, "ben");
    for (let count = 0; count < 2000; count += 1) {
      rooms.publish(id, { type: "speaking", accountId: "ben", speaking: count % 2 === 0 });
      rooms.publish(id, { type: "muted", accountId: "ben", muted: count % 2 === 0 });
    }
    const told: string[] = [];
    for await (const { event } of follow(lastEventId)) {
      told.push(event.type);
      if (event.type === "muted") break;
    }
    expect(told.slice(-3)).toEqual(["joined", "speaking", "muted"]);
  });

  it("are listed with the most lately active first, page by page", async () => {
    const { rooms, db } = await setUp();
    for (let count = 0; count < 7; count += 1) {
      const { id } = await rooms.create("ann", `Room ${count}`);
      // Two share each moment: the order must hold all the same.
      const active = { active_at: `2026-01-0${1 + Math.floor(count / 2)}` };
      await db.updateTable("rooms").set(active).where("id", "=", id).execute();
    }
    const seen: Room[] = [];
    let cursor: string | undefined;
    do {
      const page = await rooms.list("ann", { limit: 3, cursor });
      seen.push(...page.items);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    const names = seen.map(({ name }) => name);
    expect(names).toHaveLength(7);
    expect(new Set(names).size).toBe(7);
    expect(names[0]).toBe("Room 6");
    await rooms.noteActivity(seen.at(-1)?.id ?? "");
    expect((await rooms.list("ann", { limit: 1 })).items[0]?.id).toBe(seen.at(-1)?.id);
    await expect(rooms.list("ann", { limit: 3, cursor: "bm9uc2Vuc2U" })).rejects.toMatchObject({
      reason: "CURSOR_INVALID",
    });
  });
});
