import type { DatabaseConnection } from "kysely";
import { AppError } from "../kit/errors.ts";

/** Locked, full, unreadable or corrupt. */
const SQLITE_UNAVAILABLE =
  /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB|PROTOCOL|NOMEM)/u;

/**
 * Connection lost, no resources (disk, memory, connections), shutting down, too long in a transaction, at
 * a lock, in a deadlock or at work.
 */
const POSTGRES_UNAVAILABLE = /^(08...|53...|57P0.|58...|XX00.|25P0[34]|55P03|40P01|57014|25006)$/u;

const NETWORK_UNAVAILABLE = /^(ECONN|ETIMEDOUT|EPIPE|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_)/u;

/** What `pg` throws without a code when it has no connection, or loses it. */
const CONNECTION_LOST = /connection (terminated|timeout|error)|timeout exceeded when trying/iu;

/** Text that Postgres can't store: it holds NUL. */
const POSTGRES_TEXT_INVALID = /^(22021|22P05)$/u;

/**
 * What a database threw: DATABASE_UNAVAILABLE when its state is the reason, INPUT_INVALID when what
 * was sent is, else as it is.
 */
export function toDatabaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AppError) return error;
  const code = errorCode(error);
  if (POSTGRES_TEXT_INVALID.test(code)) {
    return new AppError("INPUT_INVALID", "The input holds a character that is not text.");
  }
  const unavailable =
    SQLITE_UNAVAILABLE.test(code) ||
    POSTGRES_UNAVAILABLE.test(code) ||
    NETWORK_UNAVAILABLE.test(code) ||
    (code === "" && CONNECTION_LOST.test(error.message));
  return unavailable ? databaseUnavailable(error) : error;
}

/** Whether a row was refused because there is one with the same unique value. */
export function isConflict(error: unknown): boolean {
  return /^(23505|SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY))$/u.test(errorCode(error));
}

/** Whether a row was refused because what it belongs to is gone. */
export function isOrphan(error: unknown): boolean {
  return /^(23503|SQLITE_CONSTRAINT_FOREIGNKEY)$/u.test(errorCode(error));
}

export function databaseUnavailable(cause: unknown): AppError {
  const message = "The server cannot reach its data at the moment. Please try again soon.";
  return new AppError("DATABASE_UNAVAILABLE", message, { cause });
}

export function errorCode(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

type Execute = DatabaseConnection["executeQuery"];

/** Lets `around` run each query of a connection. Kysely gives the same connection many times. */
export function createInterceptor(
  around: (run: () => ReturnType<Execute>, sql: string) => ReturnType<Execute>,
) {
  const intercepted = new WeakSet<DatabaseConnection>();
  return (connection: DatabaseConnection): DatabaseConnection => {
    if (intercepted.has(connection)) return connection;
    intercepted.add(connection);
    const execute: Execute = connection.executeQuery.bind(connection);
    connection.executeQuery = ((query, options) =>
      around(() => execute(query, options), query.sql)) as Execute;
    return connection;
  };
}
