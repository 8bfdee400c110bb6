import { randomBytes } from "node:crypto";
import { BEFORE_FIRST_MESSAGE } from "../../shared/chat.ts";
import { LARGEST_INTEGER } from "../database/database.ts";

/** The last place that a room can have. */
export const LAST_PLACE = LARGEST_INTEGER;

/** Sorts as text in the order of a room's messages, and is nobody else's. */
export function newMessageId(sequence: number): string {
  return `${toPosition(sequence)}${randomBytes(9).toString("hex")}`;
}

/** Sorts as text in the order of a room's changes, among the ids of its messages too. */
export function toPosition(sequence: number): string {
  return sequence.toString(36).padStart(8, "0");
}

/** The place that an id or a position stands for; undefined when the text is neither. */
export function toPlace(text: string | null | undefined): number | undefined {
  if (text === BEFORE_FIRST_MESSAGE) return 0;
  if (!text || !/^[0-9a-z]{8}([0-9a-f]{18})?$/u.test(text)) return undefined;
  const place = Number.parseInt(text.slice(0, 8), 36);
  return place <= LAST_PLACE ? place : undefined;
}
