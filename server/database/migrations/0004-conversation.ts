import { type Kysely, sql } from "kysely";
import { searchTerms } from "../../kit/search-words.ts";
import { isPostgres, searchScope, toFtsDocument, toTsVector } from "../full-text.ts";

/** As much as this migration knows of the tables. */
type Known = {
  messages: { room_id: string; sequence: number; text: string; search_row: number | null };
};

/** Kept by the database itself, so that nothing is found of what is gone for whatever reason. */
const DELETE_TRIGGER = "messages_leave_search";

export async function up(db: Kysely<unknown>): Promise<void> {
  const postgres = isPostgres(db);
  await db.schema.alterTable("messages").renameTo("messages_before").execute();
  await createMessages(db, postgres);
  await sql`
    insert into messages (id, room_id, sequence, author_id, client_id, text, language, sent_at,
      changed_sequence, edition, reaction_kinds, attachment_count)
    select id, room_id, sequence, author_id, client_id, text, language, sent_at, sequence, 0, 0, 0
    from messages_before`.execute(db);
  await db.schema.dropTable("messages_before").execute();

  await createAround(db);
  if (postgres) {
    await sql`
      create table message_search (
        room_id text not null,
        sequence integer not null,
        words tsvector not null,
        primary key (room_id, sequence),
        foreign key (room_id, sequence) references messages (room_id, sequence) on delete cascade
          deferrable initially deferred
      )`.execute(db);
    await sql`create index message_search_words on message_search using gin (words)`.execute(db);
  } else {
    await sql`
      create virtual table message_search using fts5(
        words, room_id unindexed, sequence unindexed, tokenize = 'ascii', columnsize = 0
      )`.execute(db);
    // What is removed leaves no trace in the index.
    await sql`insert into message_search(message_search, rank) values ('secure-delete', 1)`.execute(
      db,
    );
    await sql`
      create trigger ${sql.raw(DELETE_TRIGGER)} after delete on messages begin
        delete from message_search where rowid = old.search_row;
      end`.execute(db);
  }
  await indexMessages(db.withTables<Known>(), postgres);
}

/** A room's messages lie side by side in the order of their places: a page is read in one go. */
async function createMessages(db: Kysely<unknown>, postgres: boolean): Promise<void> {
  await db.schema
    .createTable("messages")
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("room_id", "text", (column) =>
      column.notNull().references("rooms.id").onDelete("cascade"),
    )
    .addColumn("sequence", "integer", (column) => column.notNull())
    // Absent when the author's account is gone.
    .addColumn("author_id", "text", (column) =>
      column.references("accounts.id").onDelete("cascade"),
    )
    .addColumn("client_id", "text", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("sent_at", "text", (column) => column.notNull())
    .addColumn("changed_sequence", "integer", (column) => column.notNull())
    .addColumn("edition", "integer", (column) => column.notNull())
    .addColumn("edited_at", "text")
    .addColumn("removed_at", "text")
    .addColumn("reply_to", "text")
    .addColumn("reaction_kinds", "integer", (column) => column.notNull())
    .addColumn("attachment_count", "integer", (column) => column.notNull())
    .addColumn("search_row", "integer")
    .addPrimaryKeyConstraint("messages_key", ["room_id", "sequence"])
    .modifyEnd(postgres ? sql`` : sql`without rowid`)
    .execute();
  // The constraints of 0001 have other names, which Postgres keeps until their table is dropped.
  await db.schema.createIndex("messages_by_id").unique().on("messages").column("id").execute();
  await db.schema
    .createIndex("messages_by_client_id")
    .unique()
    .on("messages")
    .columns(["author_id", "client_id", "room_id"])
    .execute();
  await db.schema
    .createIndex("messages_by_change")
    .unique()
    .on("messages")
    .columns(["room_id", "changed_sequence"])
    .execute();
}

/** What belongs to messages, and goes with them. */
async function createAround(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("message_reactions")
    .addColumn("room_id", "text", (column) => column.notNull())
    .addColumn("sequence", "integer", (column) => column.notNull())
    .addColumn("emoji", "text", (column) => column.notNull())
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("place", "integer", (column) => column.notNull())
    .addPrimaryKeyConstraint("message_reactions_key", [
      "room_id",
      "sequence",
      "emoji",
      "account_id",
    ])
    .addForeignKeyConstraint(
      "message_reactions_message",
      ["room_id", "sequence"],
      "messages",
      ["room_id", "sequence"],
      (constraint) => constraint.onDelete("cascade"),
    )
    .execute();
  await db.schema
    .createIndex("message_reactions_by_account")
    .on("message_reactions")
    .column("account_id")
    .execute();

  await db.schema
    .createTable("message_translations")
    .addColumn("room_id", "text", (column) => column.notNull())
    .addColumn("sequence", "integer", (column) => column.notNull())
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("edition", "integer", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("message_translations_key", ["room_id", "sequence", "language"])
    .addForeignKeyConstraint(
      "message_translations_message",
      ["room_id", "sequence"],
      "messages",
      ["room_id", "sequence"],
      (constraint) => constraint.onDelete("cascade"),
    )
    .execute();

  await db.schema
    .createTable("read_marks")
    .addColumn("room_id", "text", (column) =>
      column.notNull().references("rooms.id").onDelete("cascade"),
    )
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("message_id", "text", (column) => column.notNull())
    .addColumn("sequence", "integer", (column) => column.notNull())
    .addColumn("read_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("read_marks_key", ["room_id", "account_id"])
    .execute();
  await db.schema
    .createIndex("read_marks_by_account")
    .on("read_marks")
    .column("account_id")
    .execute();
}

/** Makes what was said before findable. */
async function indexMessages(db: Kysely<Known>, postgres: boolean): Promise<void> {
  let row = 0;
  for (let last: { roomId: string; sequence: number } | undefined; ;) {
    const rows: Message[] = await listMessages(db, last);
    for (const message of rows) {
      row += 1;
      await (postgres ? indexOnPostgres(db, message) : indexOnSqlite(db, message, row));
    }
    last = rows.at(-1);
    if (!last) return;
  }
}

type Message = { roomId: string; sequence: number; text: string };

function listMessages(db: Kysely<Known>, after?: { roomId: string; sequence: number }) {
  return db
    .selectFrom("messages")
    .select(["room_id as roomId", "sequence", "text"])
    .$if(after !== undefined, (query) =>
      query.where((eb) =>
        eb(
          eb.refTuple("room_id", "sequence"),
          ">",
          eb.tuple(after?.roomId ?? "", after?.sequence ?? 0),
        ),
      ),
    )
    .orderBy("room_id")
    .orderBy("sequence")
    .limit(1000)
    .execute();
}

async function indexOnPostgres(db: Kysely<Known>, { roomId, sequence, text }: Message) {
  const words = toTsVector(searchScope(roomId), searchTerms(text));
  await sql`
    insert into message_search (room_id, sequence, words)
    values (${roomId}, ${sequence}, ${words}::tsvector)`.execute(db);
}

async function indexOnSqlite(db: Kysely<Known>, { roomId, sequence, text }: Message, row: number) {
  const words = toFtsDocument(searchScope(roomId), searchTerms(text));
  await sql`
    insert into message_search (rowid, words, room_id, sequence)
    values (${row}, ${words}, ${roomId}, ${sequence})`.execute(db);
  await db
    .updateTable("messages")
    .set({ search_row: row })
    .where("room_id", "=", roomId)
    .where("sequence", "=", sequence)
    .execute();
}

/** Says goodbye to all that 0001 had no place for, and to messages of accounts that are gone. */
export async function down(db: Kysely<unknown>): Promise<void> {
  const postgres = isPostgres(db);
  for (const table of ["message_search", "message_reactions", "message_translations"]) {
    if (table === "message_search" && !postgres) {
      await sql`drop trigger ${sql.raw(DELETE_TRIGGER)}`.execute(db);
    }
    await db.schema.dropTable(table).execute();
  }
  await db.schema.dropTable("read_marks").execute();
  await db.schema.alterTable("messages").renameTo("messages_after").execute();
  await db.schema
    .createTable("messages")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("room_id", "text", (column) =>
      column.notNull().references("rooms.id").onDelete("cascade"),
    )
    .addColumn("sequence", "integer", (column) => column.notNull())
    .addColumn("author_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("client_id", "text", (column) => column.notNull())
    .addColumn("text", "text", (column) => column.notNull())
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("sent_at", "text", (column) => column.notNull())
    .addUniqueConstraint("messages_by_place", ["room_id", "sequence"])
    .addUniqueConstraint("messages_once", ["room_id", "author_id", "client_id"])
    .execute();
  await sql`
    insert into messages (id, room_id, sequence, author_id, client_id, text, language, sent_at)
    select id, room_id, sequence, author_id, client_id, text, language, sent_at
    from messages_after where removed_at is null and author_id is not null`.execute(db);
  await db.schema.dropTable("messages_after").execute();
  await db.schema.createIndex("messages_by_author").on("messages").column("author_id").execute();
}
