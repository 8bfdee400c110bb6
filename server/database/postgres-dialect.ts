import {
  type DatabaseConnection,
  type Driver,
  type Kysely,
  type MigrationLockOptions,
  PostgresAdapter,
  PostgresDialect,
  PostgresDriver,
  sql,
} from "kysely";
import pg from "pg";
import type { Log } from "../kit/log.ts";
import { createInterceptor, errorCode, toDatabaseError } from "./database-errors.ts";

/** How long a statement waits for what another has locked. See `inTurn` for what many want at once. */
const PATIENCE_MS = 150;
/** Whoever has waited so long for a connection while others met a lock needn't meet it, too. */
const QUEUE_PATIENCE_MS = 50;
/** What an error is about when that time has run out. */
const LOCK_NOT_AVAILABLE = "55P03";

export function createPostgresDialect(url: string, log: Log): PostgresDialect {
  const pool = new pg.Pool({
    connectionString: url,
    max: 20,
    connectionTimeoutMillis: 2000,
    statement_timeout: 10_000,
    lock_timeout: PATIENCE_MS,
    // A process that stands still lets go of what it has locked.
    idle_in_transaction_session_timeout: 10_000,
    application_name: "parley",
  });
  // The pool makes another when it needs one. Whatever it was used for fails by itself.
  pool.on("connect", (client) => {
    client.on("error", (error) => log.warn({ err: error }, "a database connection was lost"));
  });
  // The same once more, when nobody used it.
  pool.on("error", () => undefined);
  return new (class extends PostgresDialect {
    override createDriver() {
      return new ParleyPostgresDriver({ pool });
    }
    override createAdapter() {
      return new PatientPostgresAdapter();
    }
  })({ pool });
}

/** Migrations take the time that they need, and wait for whoever is at work. */
class PatientPostgresAdapter extends PostgresAdapter {
  override async acquireMigrationLock(db: Kysely<unknown>, options: MigrationLockOptions) {
    await sql`set statement_timeout = 0`.execute(db);
    await sql`set lock_timeout = '5min'`.execute(db);
    await sql`set idle_in_transaction_session_timeout = 0`.execute(db);
    await super.acquireMigrationLock(db, options);
  }

  override async releaseMigrationLock(db: Kysely<unknown>, options: MigrationLockOptions) {
    await super.releaseMigrationLock(db, options);
    await sql`reset statement_timeout`.execute(db);
    await sql`reset lock_timeout`.execute(db);
    await sql`reset idle_in_transaction_session_timeout`.execute(db);
  }
}

class ParleyPostgresDriver extends PostgresDriver {
  /** Those who wait for a connection because others have them all. */
  readonly #waiting = new Set<{ since: number; fail: (error: unknown) => void }>();
  readonly #intercept = createInterceptor((run) =>
    run().catch((error: unknown) => {
      if (errorCode(error) === LOCK_NOT_AVAILABLE) this.#failWaiting(error);
      throw toDatabaseError(error);
    }),
  );

  override async acquireConnection(): Promise<DatabaseConnection> {
    const { promise: failed, reject: fail } = Promise.withResolvers<never>();
    const waiter = { since: performance.now(), fail };
    this.#waiting.add(waiter);
    const acquiring = super.acquireConnection();
    try {
      return this.#intercept(await Promise.race([acquiring, failed]));
    } catch (error) {
      // Should it come yet, somebody else needs it.
      void acquiring.then(
        (connection) => release(this, connection),
        () => undefined,
      );
      throw toDatabaseError(error);
    } finally {
      this.#waiting.delete(waiter);
    }
  }

  /** Otherwise a crowd would meet the same lock one after the other, each for its time. */
  #failWaiting(error: unknown): void {
    const now = performance.now();
    for (const { since, fail } of this.#waiting) {
      if (now - since >= QUEUE_PATIENCE_MS) fail(error);
    }
  }
}

function release(driver: Driver, connection: DatabaseConnection): Promise<void> {
  return driver.releaseConnection(connection);
}
