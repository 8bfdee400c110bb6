import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../server/config.ts";
import {
  createMigrator,
  migrateToLatest,
  migrationNames,
  migrations,
} from "../server/database/migrations.ts";
import { openDatabase } from "../server/database/open-database.ts";
import { createLog } from "../server/kit/log.ts";

const usage = `Changes the tables of the database that DATABASE_URL and DATA_DIR name.

  node scripts/migrate.ts status          which migrations have been run
  node scripts/migrate.ts up              runs those that have not
  node scripts/migrate.ts down            takes the last one back, with what it kept
  node scripts/migrate.ts create <name>   begins a new one`;

const template = `import { type Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("table").addColumn("column", "text").execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable("table").dropColumn("column").execute();
}
`;

const [command = "", name = ""] = process.argv.slice(2);
try {
  await run();
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  console.error(error instanceof Error ? error.message : error);
  if (cause) console.error(`  ${cause.message}`);
  process.exitCode = 1;
}

async function run(): Promise<void> {
  if (command === "create") return create();
  if (!["status", "up", "down"].includes(command)) {
    console.log(usage);
    process.exitCode = command === "" ? 0 : 1;
    return;
  }
  const db = openDatabase(
    readConfig(process.env).database,
    createLog({ level: "warn", pretty: true }),
  );
  try {
    const migrator = createMigrator(db);
    if (command === "status") {
      for (const { name, executedAt } of await migrator.getMigrations()) {
        console.log(
          `${executedAt ? `run ${executedAt.toISOString()}` : "not run".padEnd(28)}  ${name}`,
        );
      }
      return;
    }
    const done =
      command === "up" ? await migrateToLatest(db) : migrationNames(await migrator.migrateDown());
    for (const migration of done) console.log(`${command}  ${migration}`);
    if (done.length === 0) console.log("There is nothing to do.");
  } finally {
    await db.destroy();
  }
}

function create(): void {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/u.test(name)) {
    throw new Error("A migration needs a name in kebab-case, such as: create message-reactions");
  }
  const number = String(Object.keys(migrations).length + 1).padStart(4, "0");
  const folder = join(import.meta.dirname, "../server/database/migrations");
  const file = join(folder, `${number}-${name}.ts`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, template, { flag: "wx" });
  console.log(`${file} is there. Write it, and add it to server/database/migrations.ts.`);
}
