import { z } from "zod";
import { LARGEST_INTEGER } from "../database/database.ts";

/** The last place that a room can have. */
export const LAST_PLACE = LARGEST_INTEGER;

/** What a cursor stands for. */
export const placeSchema = z.int().min(0).max(LAST_PLACE);
