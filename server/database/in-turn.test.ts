import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { silentLog } from "../kit/log.ts";
import type { Database } from "./database.ts";
import { inTurn } from "./in-turn.ts";
import { openDatabase } from "./open-database.ts";
import { describeEachDialect } from "./testing/each-dialect.ts";
import { insertSampleRoom } from "./testing/sample-rows.ts";

const lockRoom = (db: Database) =>
  db.updateTable("rooms").set({ name: "Kitchen" }).where("id", "=", "kitchen").execute();

describeEachDialect("transactions in turn", (open) => {
  it("let a crowd have one row, one after the other, for longer than a lock is waited for", async () => {
    const { db } = await open();
    await insertSampleRoom(db, "kitchen");
    const crowd = Array.from({ length: 20 }, (_, index) => index);
    const been: number[] = [];
    await Promise.all(
      crowd.map((index) =>
        inTurn(db, "room kitchen", async (transaction) => {
          await lockRoom(transaction);
          await delay(30);
          been.push(index);
        }),
      ),
    );
    expect(been).toEqual(crowd);
  });

  it("fail by themselves", async () => {
    const { db } = await open();
    const outcomes = await Promise.allSettled(
      [1, 2, 3].map((number) =>
        inTurn(db, "room kitchen", () =>
          number === 2 ? Promise.reject(new Error("no")) : Promise.resolve(number),
        ),
      ),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  });

  it("share what the first finds out about a database that is locked, and heal", async () => {
    const { db, location } = await open();
    await insertSampleRoom(db, "kitchen");
    const other = openDatabase(location, silentLog);
    const locked = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    const locking = other.transaction().execute(async (transaction) => {
      await lockRoom(transaction);
      locked.resolve();
      await done.promise;
    });
    await locked.promise;
    let tried = 0;
    const work = async (transaction: Database) => {
      tried += 1;
      await lockRoom(transaction);
    };
    const crowd = Array.from({ length: 20 }, () => inTurn(db, "room kitchen", work));
    for (const outcome of await Promise.allSettled(crowd)) {
      expect(outcome).toMatchObject({ reason: { reason: "DATABASE_UNAVAILABLE" } });
    }
    expect(tried).toBeLessThanOrEqual(1);
    done.resolve();
    await locking;
    await other.destroy();
    await inTurn(db, "room kitchen", work);
  });
});
