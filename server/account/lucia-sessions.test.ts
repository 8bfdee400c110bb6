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
