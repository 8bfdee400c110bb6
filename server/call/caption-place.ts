import { z } from "zod";

/** The last place that a room can have: the largest integer of the tables. */
export const LAST_PLACE = 2 ** 31 - 1;

/** What a cursor stands for. */
export const placeSchema = z.int().min(0).max(LAST_PLACE);
