import { type Kysely, sql } from "kysely";

/** What makes an account more than a guest: an address, a password, providers, preferences. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const column of [
    "email",
    "email_verified_at",
    "password_hash",
    "avatar_url",
    "preferences",
    "removing_at",
  ]) {
    await db.schema.alterTable("accounts").addColumn(column, "text").execute();
  }
  await db.schema.createIndex("accounts_by_email").on("accounts").column("email").execute();
  await db.schema
    .createIndex("accounts_by_verified_email")
    .unique()
    .on("accounts")
    .column("email")
    .where(sql`email_verified_at`, "is not", null)
    .execute();

  for (const column of ["device", "last_seen_at"]) {
    await db.schema.alterTable("sessions").addColumn(column, "text").execute();
  }

  await db.schema
    .createTable("account_identities")
    .addColumn("provider", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("created_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("account_identities_key", ["provider", "subject"])
    .execute();
  await db.schema
    .createIndex("account_identities_by_account")
    .on("account_identities")
    .column("account_id")
    .execute();

  await db.schema
    .createTable("account_links")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("account_id", "text", (column) =>
      column.notNull().references("accounts.id").onDelete("cascade"),
    )
    .addColumn("purpose", "text", (column) => column.notNull())
    .addColumn("email", "text", (column) => column.notNull())
    .addColumn("expires_at", "text", (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex("account_links_by_account")
    .on("account_links")
    .column("account_id")
    .execute();
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropTable("account_links").execute();
  await db.schema.dropTable("account_identities").execute();
  for (const column of ["last_seen_at", "device"]) {
    await db.schema.alterTable("sessions").dropColumn(column).execute();
  }
  await db.schema.dropIndex("accounts_by_verified_email").execute();
  await db.schema.dropIndex("accounts_by_email").execute();
  for (const column of [
    "removing_at",
    "preferences",
    "avatar_url",
    "password_hash",
    "email_verified_at",
    "email",
  ]) {
    await db.schema.alterTable("accounts").dropColumn(column).execute();
  }
}
