import { type Kysely, sql } from "kysely";
import { isPostgres } from "../full-text.ts";

/** Kept by the database itself, so that nothing is found of what is gone for whatever reason. */
const DELETE_TRIGGER = "captions_leave_search";

export async function up(db: Kysely<unknown>): Promise<void> {
  const postgres = isPostgres(db);
  await db.schema
    .createTable("caption_counters")
    .addColumn("room_id", "text", (column) =>
      column.primaryKey().references("rooms.id").onDelete("cascade"),
    )
    .addColumn("last_sequence", "integer", (column) => column.notNull())
    .execute();
  await createDrafts(db);
  await createCaptions(db, postgres);
  await createTranslations(db, postgres);
  if (postgres) {
    await sql`
      create table caption_search (
        room_id text not null,
        sequence integer not null,
        words tsvector not null,
        primary key (room_id, sequence),
        foreign key (room_id, sequence) references captions (room_id, sequence) on delete cascade
      )`.execute(db);
    await sql`create index caption_search_words on caption_search using gin (words)`.execute(db);
    return;
  }
  await sql`
    create virtual table caption_search using fts5(
      words, room_id unindexed, sequence unindexed, tokenize = 'ascii', columnsize = 0
    )`.execute(db);
  // What is removed leaves no trace in the index.
  await sql`insert into caption_search(caption_search, rank) values ('secure-delete', 1)`.execute(
    db,
  );
  await sql`
    create trigger ${sql.raw(DELETE_TRIGGER)} after delete on captions begin
      delete from caption_search where rowid = old.search_row;
    end`.execute(db);
}

/** What somebody is saying at this moment: all that is left of it when the server crashes. */
async function createDrafts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("caption_drafts")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("room_id", "text", (column) =>
      column.notNull().references("rooms.id").onDelete("cascade"),
    )
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("started_at", "text", (column) => column.notNull())
    .addColumn("ended_at", "text", (column) => column.notNull())
    .execute();
}

/** A room's captions lie side by side in the order of their places: a page is read in one go. */
async function createCaptions(db: Kysely<unknown>, postgres: boolean): Promise<void> {
  await db.schema
    .createTable("captions")
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("room_id", "text", (column) =>
      column.notNull().references("rooms.id").onDelete("cascade"),
    )
    .addColumn("sequence", "integer", (column) => column.notNull())
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("started_at", "text", (column) => column.notNull())
    .addColumn("ended_at", "text", (column) => column.notNull())
    .addColumn("cut", "integer", (column) => column.notNull())
    .addColumn("edition", "integer", (column) => column.notNull())
    .addColumn("original_text", "text")
    .addColumn("corrected_by", "text", (column) =>
      column.references("accounts.id").onDelete("set null"),
    )
    .addColumn("corrected_at", "text")
    .addColumn("search_row", "integer")
    .addPrimaryKeyConstraint("captions_key", ["room_id", "sequence"])
    .modifyEnd(postgres ? sql`` : sql`without rowid`)
    .execute();
  await db.schema.createIndex("captions_by_id").unique().on("captions").column("id").execute();
  await db.schema
    .createIndex("captions_by_start")
    .on("captions")
    .columns(["room_id", "started_at", "sequence"])
    .execute();
  await db.schema.createIndex("captions_by_account").on("captions").column("account_id").execute();
  await db.schema
    .createIndex("captions_by_corrector")
    .on("captions")
    .column("corrected_by")
    .execute();
}

async function createTranslations(db: Kysely<unknown>, postgres: boolean): Promise<void> {
  await db.schema
    .createTable("caption_translations")
    .addColumn("room_id", "text", (column) => column.notNull())
    .addColumn("sequence", "integer", (column) => column.notNull())
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("edition", "integer", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("caption_translations_key", ["room_id", "sequence", "language"])
    .addForeignKeyConstraint(
      "caption_translations_caption",
      ["room_id", "sequence"],
      "captions",
      ["room_id", "sequence"],
      (constraint) => constraint.onDelete("cascade"),
    )
    .modifyEnd(postgres ? sql`` : sql`without rowid`)
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  if (!isPostgres(db)) await sql`drop trigger ${sql.raw(DELETE_TRIGGER)}`.execute(db);
  for (const table of [
    "caption_search",
    "caption_translations",
    "captions",
    "caption_drafts",
    "caption_counters",
  ]) {
    await db.schema.dropTable(table).execute();
  }
}
