import { type DatabaseConnection, PostgresDialect, PostgresDriver } from "kysely";
import pg from "pg";
import { type Log } from "../kit/log.ts";
import { createInterceptor, toDatabaseError } from "./database-errors.ts";

export function createPostgresDialect(url: string, log: Log): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: 20,
    connectionTimeoutMillis: 2000,
    statement_timeout: 10_000,
    lock_timeout: 5000,
    application_name: "parley",
  });
  // A connection that is lost while nobody uses it. The pool makes another when it needs one.
  pool.on("error", (error) => log.warn({ err: error }, "a database connection was lost"));
  return new (class extends PostgresDialect {
    override createDriver() {
      return new ParleyPostgresDriver({ pool });
    }
  })({ pool });
}

class ParleyPostgresDriver extends PostgresDriver {
  readonly #intercept = createInterceptor((run) =>
    run().catch((error: unknown) => {
      throw toDatabaseError(error);
    }),
  );

  override async acquireConnection(): Promise<DatabaseConnection> {
    try {
      return this.#intercept(await super.acquireConnection());
    } catch (error) {
      throw toDatabaseError(error);
    }
  }
}
