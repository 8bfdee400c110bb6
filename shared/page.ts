import { z } from "zod";

/** An opaque identifier. Whoever holds one may not read anything out of it. */
export const idSchema = z.string().min(1).max(64);

/** Input of every list: at most `limit` items after the opaque `cursor` of the page before. */
export const pageInputSchema = z.object({
  cursor: z.string().max(256).nullish(),
  limit: z.int().min(1).max(100).default(50),
});

/** One page of a list. `nextCursor` is absent on the last one. */
export type Page<Item> = { items: Item[]; nextCursor?: string };
