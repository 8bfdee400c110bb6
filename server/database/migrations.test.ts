import type { Kysely } from "kysely";
import { expect, it } from "vitest";
import { createMigrator, migrateToLatest, migrationNames, migrations } from "./migrations.ts";
import { describeEachDialect } from "./testing/each-dialect.ts";

describeEachDialect("migrations", (open) => {
  it("make the tables once", async () => {
    const { db } = await open({ empty: true });
    expect(await migrateToLatest(db)).toEqual(Object.keys(migrations));
    expect(await migrateToLatest(db)).toEqual([]);
    expect(await db.selectFrom("messages").selectAll().execute()).toEqual([]);
  });

  it("can be taken back and made again", async () => {
    const { db } = await open({ empty: true });
    await migrateToLatest(db);
    for (const name of Object.keys(migrations).toReversed()) {
      expect(migrationNames(await createMigrator(db).migrateDown())).toEqual([name]);
    }
    const tables = (await db.introspection.getTables()).map(({ name }) => name);
    expect(tables).not.toContain("accounts");
    await migrateToLatest(db);
    expect(await db.selectFrom("accounts").selectAll().execute()).toEqual([]);
  });

  it("leave the database as it was when one fails half-way", async () => {
    const { db } = await open({ empty: true });
    await migrateToLatest(db);
    const broken = {
      ...migrations,
      "9998-good": {
        up: async (table: Kysely<unknown>) => {
          await table.schema.createTable("good").addColumn("id", "text").execute();
        },
      },
      "9999-broken": {
        up: async (table: Kysely<unknown>) => {
          await table.schema.createTable("half").addColumn("id", "text").execute();
          await table.schema.dropTable("no_such_table").execute();
        },
      },
    };
    await expect(migrateToLatest(db, broken)).rejects.toThrow("9999-broken");
    const tables = (await db.introspection.getTables()).map(({ name }) => name);
    expect(tables).not.toContain("half");
    expect(tables).not.toContain("good");
    expect(await migrateToLatest(db)).toEqual([]);
  });
});
