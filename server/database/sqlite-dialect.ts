import { setTimeout as delay } from "node:timers/promises";
import Sqlite from "better-sqlite3";
import {
  CompiledQuery,
  type DatabaseConnection,
  type QueryResult,
  SqliteAdapter,
  type SqliteDatabase,
  SqliteDialect,
  SqliteDriver,
} from "kysely";
import { createInterceptor, errorCode, toDatabaseError } from "./database-errors.ts";

/** How long a query waits for another process to let go of the file. */
const PATIENCE_MS = 200;
const RETRY_MS = 10;
const STATEMENTS_KEPT = 500;

export function createSqliteDialect(file: string): SqliteDialect {
  const database = openFile(file);
  return new (class extends SqliteDialect {
    override createDriver() {
      return new ParleySqliteDriver(database, keepStatements(database));
    }
    override createAdapter() {
      return new TransactionalSqliteAdapter();
    }
  })({ database });
}

function openFile(file: string): Sqlite.Database {
  try {
    // SQLite would wait for a locked file with the whole process standing still. It doesn't wait
    // here: the driver does.
    const database = new Sqlite(file, { timeout: 0 });
    database.pragma("journal_mode = WAL");
    // What was acknowledged is on the disk, whatever happens next.
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    // 64 MiB of pages. With the default of 2, a search among a million rooms reads most of them anew.
    database.pragma("cache_size = -65536");
    // What is removed is overwritten, not only forgotten.
    database.pragma("secure_delete = ON");
    return database;
  } catch (error) {
    throw toDatabaseError(error);
  }
}

/** Statements are prepared once: that is dearer than most of them are to run. */
function keepStatements(database: Sqlite.Database): SqliteDatabase {
  const statements = new Map<string, Sqlite.Statement>();
  return {
    close: () => void database.close(),
    prepare(sql) {
      let statement = statements.get(sql);
      if (!statement) {
        if (statements.size >= STATEMENTS_KEPT) statements.clear();
        statement = database.prepare(sql);
        statements.set(sql, statement);
      }
      return statement;
    },
  };
}

/** Kysely takes it that SQLite can't undo a change of tables. It can, so migrations are whole. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class ParleySqliteDriver extends SqliteDriver {
  readonly #database: Sqlite.Database;
  readonly #intercept = createInterceptor((run, sql) => this.#patiently(run, sql));
  /** Since when no query got through because the file is locked. */
  #locked: { since: number; last: number } | undefined;

  constructor(database: Sqlite.Database, statements: SqliteDatabase) {
    super({ database: statements });
    this.#database = database;
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    return this.#intercept(await super.acquireConnection());
  }

  /** Takes the right to write at once: one that is taken later can be refused half-way. */
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }

  /** On a full disk SQLite has rolled back already. */
  override async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    if (this.#database.inTransaction) await super.rollbackTransaction(connection);
  }

  /**
   * Tries again for a moment when the file is locked. Those that queue up behind share the moment:
   * the first of them waits, the others fail at once until one gets through.
   */
  async #patiently<Row>(
    run: () => Promise<QueryResult<Row>>,
    sql: string,
  ): Promise<QueryResult<Row>> {
    for (;;) {
      try {
        const result = await run();
        // Reading goes on while another writes: it says nothing of the lock.
        if (!/^\s*(select|with|rollback)\b/iu.test(sql)) this.#locked = undefined;
        return result;
      } catch (error) {
        if (!errorCode(error).startsWith("SQLITE_BUSY")) throw toDatabaseError(error);
        const now = performance.now();
        const recent = this.#locked && now - this.#locked.last < 1000 ? this.#locked : undefined;
        this.#locked = { since: recent?.since ?? now, last: now };
        if (now - this.#locked.since >= PATIENCE_MS) throw toDatabaseError(error);
        await delay(RETRY_MS);
      }
    }
  }
}
