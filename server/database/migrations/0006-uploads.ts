import type { Kysely } from "kysely";

export async function up(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable("uploads")
    .addColumn("id", "text", (column) => column.primaryKey())
    // Without an owner or a room a row is swept, and its file with it.
    .addColumn("account_id", "text", (column) =>
      column.references("accounts.id").onDelete("set null"),
    )
    .addColumn("room_id", "text", (column) => column.references("rooms.id").onDelete("set null"))
    // No reference: attachments are taken before or after their message is written.
    .addColumn("message_id", "text")
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("storage_key", "text", (column) => column.notNull().unique())
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("content_type", "text", (column) => column.notNull())
    .addColumn("bytes", "integer", (column) => column.notNull())
    .addColumn("width", "integer")
    .addColumn("height", "integer")
    .addColumn("duration_ms", "integer")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addColumn("expires_at", "text")
    .execute();
  await db.schema
    .createIndex("uploads_by_account")
    .on("uploads")
    .columns(["account_id", "created_at", "id"])
    .execute();
  await db.schema.createIndex("uploads_by_room").on("uploads").column("room_id").execute();
  await db.schema.createIndex("uploads_by_message").on("uploads").column("message_id").execute();
  await db.schema.createIndex("uploads_by_expiry").on("uploads").column("expires_at").execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("uploads").execute();
}
