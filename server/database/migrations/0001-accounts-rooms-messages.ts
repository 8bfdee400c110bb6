import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("accounts")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("language", "text", (column) => column.notNull())
    .addColumn("guest", "integer", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();

  await db.schema
    .createTable("sessions")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("expires_at", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("sessions_by_account").on("sessions").column("account_id").execute();
  await db.schema.createIndex("sessions_by_expiry").on("sessions").column("expires_at").execute();

  await db.schema
    .createTable("rooms")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("active_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("rooms_by_activity")
    .on("rooms")
    .columns(["active_at", "id"])
    .execute();

  await db.schema
    .createTable("room_members")
    .addColumn("room_id", "text", (column) =>
      column.notNull().references("rooms.id").onDelete("cascade"),
    )
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("role", "text", (column) => column.notNull())
    .addColumn("joined_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("room_members_key", ["room_id", "account_id"])
    .execute();
  await db.schema
    .createIndex("room_members_by_account")
    .on("room_members")
    .column("account_id")
    .execute();

  await db.schema
    .createTable("message_counters")
    .addColumn("room_id", "text", (column) =>
      column.primaryKey().references("rooms.id").onDelete("cascade"),
    )
    .addColumn("last_sequence", "integer", (column) => column.notNull())
    .execute();

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
  await db.schema.createIndex("messages_by_author").on("messages").column("author_id").execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  const tables = ["messages", "message_counters", "room_members", "rooms", "sessions", "accounts"];
  for (const table of tables) await db.schema.dropTable(table).execute();
}
