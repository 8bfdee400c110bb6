import { type Kysely, sql } from "kysely";
import { searchTerms } from "../../kit/search-words.ts";
import { isPostgres, searchScope, toFtsDocument, toTsVector } from "../full-text.ts";

/** As much as this migration knows of the tables. */
type Known = { rooms: { id: string; name: string; search_row: number | null } };

/** Kept by the database itself, so that no room is found that is gone for whatever reason. */
const DELETE_TRIGGER = "rooms_leave_search";

const roomReference = "rooms.id";
const accountReference = "accounts.id";

export async function up(db: Kysely<unknown>): Promise<void> {
  await extendRooms(db);
  await createAround(db);
  if (isPostgres(db)) {
    await sql`
      create table room_search (
        room_id text primary key references rooms (id) on delete cascade,
        words tsvector not null
      )`.execute(db);
    await sql`create index room_search_words on room_search using gin (words)`.execute(db);
  } else {
    await sql`
      create virtual table room_search using fts5(
        words, room_id unindexed, tokenize = 'ascii', columnsize = 0
      )`.execute(db);
    await sql`insert into room_search(room_search, rank) values ('secure-delete', 1)`.execute(db);
    await sql`
      create trigger ${sql.raw(DELETE_TRIGGER)} after delete on rooms begin
        delete from room_search where rowid = old.search_row;
      end`.execute(db);
  }
  await indexRooms(db.withTables<Known>());
}

async function extendRooms(db: Kysely<unknown>): Promise<void> {
  const rooms = () => db.schema.alterTable("rooms");
  await rooms()
    .addColumn("description", "text", (column) => column.notNull().defaultTo(""))
    .execute();
  // Rooms from before were open to everyone.
  await rooms()
    .addColumn("visibility", "text", (column) => column.notNull().defaultTo("public"))
    .execute();
  await rooms().addColumn("password_hash", "text").execute();
  await rooms().addColumn("password_set_at", "text").execute();
  await rooms().addColumn("capacity", "integer").execute();
  for (const flag of ["locked", "lobby"]) {
    await rooms()
      .addColumn(flag, "integer", (column) => column.notNull().defaultTo(0))
      .execute();
  }
  for (const flag of ["keep_history", "keep_captions"]) {
    await rooms()
      .addColumn(flag, "integer", (column) => column.notNull().defaultTo(1))
      .execute();
  }
  await rooms()
    .addColumn("speak", "text", (column) => column.notNull().defaultTo("member"))
    .execute();
  for (const list of ["languages", "glossary"]) {
    await rooms()
      .addColumn(list, "text", (column) => column.notNull().defaultTo("[]"))
      .execute();
  }
  await rooms().addColumn("latitude", "double precision").execute();
  await rooms().addColumn("longitude", "double precision").execute();
  await rooms().addColumn("public_cell", "bigint").execute();
  await rooms().addColumn("search_row", "integer").execute();

  // All that a search by place reads before it knows which rooms it gives.
  await db.schema
    .createIndex("rooms_by_place")
    .on("rooms")
    .columns(["public_cell", "latitude", "longitude", "id"])
    .execute();
  await sql`create index rooms_without_history on rooms (id) where keep_history = 0`.execute(db);
}

/** What belongs to rooms, and goes with them. */
async function createAround(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("room_languages")
    .addColumn("room_id", "text", (column) =>
      column.notNull().references(roomReference).onDelete("cascade"),
    )
    .addColumn("language", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("room_languages_key", ["room_id", "language"])
    .execute();

  await db.schema
    .createTable("room_restrictions")
    .addColumn("room_id", "text", (column) =>
      column.notNull().references(roomReference).onDelete("cascade"),
    )
    .addColumn("account_id", "text", (column) =>
      column.notNull().references(accountReference).onDelete("cascade"),
    )
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("since", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("room_restrictions_key", ["room_id", "account_id", "kind"])
    .execute();
  await db.schema
    .createIndex("room_restrictions_by_account")
    .on("room_restrictions")
    .columns(["account_id", "kind", "room_id"])
    .execute();

  await db.schema
    .createTable("room_invites")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("room_id", "text", (column) =>
      column.notNull().references(roomReference).onDelete("cascade"),
    )
    .addColumn("code_hash", "text", (column) => column.notNull().unique())
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("created_by", "text", (column) =>
      column.notNull().references(accountReference).onDelete("cascade"),
    )
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("expires_at", "text", (column) => column.notNull())
    .addColumn("uses_left", "integer")
    .execute();
  await db.schema
    .createIndex("room_invites_by_room")
    .on("room_invites")
    .columns(["room_id", "created_at", "id"])
    .execute();
  await db.schema
    .createIndex("room_invites_by_account")
    .on("room_invites")
    .column("created_by")
    .execute();

  await db.schema
    .createTable("room_waiting")
    .addColumn("room_id", "text", (column) =>
      column.notNull().references(roomReference).onDelete("cascade"),
    )
    .addColumn("account_id", "text", (column) =>
      column.notNull().references(accountReference).onDelete("cascade"),
    )
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("since", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("room_waiting_key", ["room_id", "account_id"])
    .execute();
  await db.schema
    .createIndex("room_waiting_by_account")
    .on("room_waiting")
    .column("account_id")
    .execute();
}

async function indexRooms(db: Kysely<Known>): Promise<void> {
  const scope = searchScope("rooms");
  const rooms = await db.selectFrom("rooms").select(["id", "name"]).execute();
  for (const { id, name } of rooms) {
    const terms = searchTerms(name);
    if (isPostgres(db)) {
      const words = toTsVector(scope, terms);
      await sql`insert into room_search (room_id, words) values (${id}, ${words}::tsvector)`.execute(
        db,
      );
      continue;
    }
    const document = toFtsDocument(scope, terms);
    const { insertId } = await sql`
      insert into room_search (words, room_id) values (${document}, ${id})`.execute(db);
    await db
      .updateTable("rooms")
      .set({ search_row: Number(insertId) })
      .where("id", "=", id)
      .execute();
  }
}

export async function down(db: Kysely<unknown>): Promise<void> {
  if (!isPostgres(db)) await sql`drop trigger ${sql.raw(DELETE_TRIGGER)}`.execute(db);
  const tables = [
    "room_search",
    "room_waiting",
    "room_invites",
    "room_restrictions",
    "room_languages",
  ];
  for (const table of tables) await db.schema.dropTable(table).execute();
  await db.schema.dropIndex("rooms_without_history").execute();
  await db.schema.dropIndex("rooms_by_place").execute();
  for (const column of [
    "search_row",
    "public_cell",
    "longitude",
    "latitude",
    "glossary",
    "languages",
    "speak",
    "keep_captions",
    "keep_history",
    "lobby",
    "locked",
    "capacity",
    "password_set_at",
    "password_hash",
    "visibility",
    "description",
  ]) {
    await db.schema.alterTable("rooms").dropColumn(column).execute();
  }
}
