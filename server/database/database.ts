import type { Kysely } from "kysely";
import type { Tables } from "./tables.ts";

/** What every store function takes first: a database, or a transaction on it. */
export type Database = Kysely<Tables>;

/** The largest number that an integer column holds, on both databases. */
export const LARGEST_INTEGER = 2 ** 31 - 1;
