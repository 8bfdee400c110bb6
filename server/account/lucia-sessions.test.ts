import { expect, it, vi } from "vitest";
import { EmbeddedBus } from "../bus/embedded-bus.ts";
import { describeEachDialect } from "../database/testing/each-dialect.ts";
import { insertSampleAccount } from "../database/testing/sample-rows.ts";
import { ALL_SESSIONS, createLuciaSessions, sessionEndedTopic } from "./lucia-sessions.ts";

const DAY = 24 * 60 * 60 * 1000;

describeEachDialect("sessions", (open) => {
  async function setUp() {
    const { db } = await open();
    await insertSampleAccount(db, "ann");
    const bus = new EmbeddedBus();
    return { db, bus, sessions: createLuciaSessions({ db, bus }) };
  }

  it("open by their token, of which no trace is stored", async () => {
    const { db, sessions } = await setUp();
    const { token, session } = await sessions.create({ id: "ann", guest: true });
    expect(await sessions.validate(token)).toMatchObject({ ...session, extended: false });
    expect(await sessions.find(session.id)).toEqual(session);
    const rows = JSON.stringify(await db.selectFrom("sessions").selectAll().execute());
    expect(rows).not.toContain(token);
    // What is stored opens nothing.
    expect(await sessions.validate(session.id)).toBeUndefined();
    expect(await sessions.validate("nonsense")).toBeUndefined();
  });

  it("end, which everyone hears", async () => {
    const { bus, sessions } = await setUp();
    const { signal } = new AbortController();
    const { events } = await bus.subscribe(sessionEndedTopic, ALL_SESSIONS, { signal });
    const { token, session } = await sessions.create({ id: "ann", guest: true });
    await sessions.end(session.id);
    expect(await sessions.validate(token)).toBeUndefined();
    expect(await sessions.find(session.id)).toBeUndefined();
    const heard = await events[Symbol.asyncIterator]().next();
    expect(heard.value?.event).toEqual({ sessionId: session.id });
  });

  it("are listed by account, the one that was used last first, with what they were opened by", async () => {
    const { db, sessions } = await setUp();
    await insertSampleAccount(db, "ben");
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const opened = new Date().toISOString();
      const device = "Phone".padEnd(300, "x");
      const phone = await sessions.create({ id: "ann", guest: true }, { device });
      await sessions.create({ id: "ben", guest: true });
      vi.setSystemTime(Date.now() + 59_000);
      await sessions.validate(phone.token);
      const laptop = await sessions.create({ id: "ann", guest: true });
      const ids = async () => (await sessions.list("ann")).map(({ id }) => id);
      expect(await ids()).toEqual([laptop.session.id, phone.session.id]);
      vi.setSystemTime(Date.now() + 2000);
      await sessions.validate(phone.token);
      expect(await ids()).toEqual([phone.session.id, laptop.session.id]);
      expect((await sessions.list("ann"))[0]).toEqual({
        id: phone.session.id,
        device: device.slice(0, 200),
        createdAt: opened,
        lastSeenAt: new Date().toISOString(),
      });
      vi.setSystemTime(Date.now() + 31 * DAY);
      expect(await ids()).toEqual([]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("end all at once but for one, which everyone hears of each", async () => {
    const { db, bus, sessions } = await setUp();
    await insertSampleAccount(db, "ben");
    const { signal } = new AbortController();
    const { events } = await bus.subscribe(sessionEndedTopic, ALL_SESSIONS, { signal });
    const [one, two, three, bens] = await Promise.all(
      ["ann", "ann", "ann", "ben"].map((id) => sessions.create({ id, guest: true })),
    );
    if (!one || !two || !three || !bens) throw new Error("four were made");
    await sessions.endAll("ann", { except: two.session.id });
    expect(await sessions.validate(one.token)).toBeUndefined();
    expect(await sessions.validate(two.token)).toBeDefined();
    expect(await sessions.validate(three.token)).toBeUndefined();
    expect(await sessions.validate(bens.token)).toBeDefined();
    const heard = events[Symbol.asyncIterator]();
    const ended = [(await heard.next()).value, (await heard.next()).value];
    expect(new Set(ended.map((delivered) => delivered?.event.sessionId))).toEqual(
      new Set([one.session.id, three.session.id]),
    );
    await sessions.endAll("nobody");
  });

  it("open nothing once their account is being removed", async () => {
    const { db, sessions } = await setUp();
    const { token, session } = await sessions.create({ id: "ann", guest: true });
    await db.updateTable("accounts").set({ removing_at: new Date().toISOString() }).execute();
    expect(await sessions.validate(token)).toBeUndefined();
    expect(await sessions.find(session.id)).toBeUndefined();
  });

  it("last longer when they are used, and expire when they aren't", async () => {
    const { db, sessions } = await setUp();
    const { token, session } = await sessions.create({ id: "ann", guest: true });
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      vi.setSystemTime(Date.now() + 20 * DAY);
      const used = await sessions.validate(token);
      expect(used?.extended).toBe(true);
      expect(used?.expiresAt.getTime()).toBeGreaterThan(session.expiresAt.getTime());
      vi.setSystemTime(Date.now() + 31 * DAY);
      expect(await sessions.find(session.id)).toBeUndefined();
      await sessions.removeExpired();
      expect(await db.selectFrom("sessions").selectAll().execute()).toEqual([]);
      expect(await sessions.validate(token)).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });
});
