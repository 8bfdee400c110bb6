import { z } from "zod";
import { AppError } from "./errors.ts";

/** Makes the opaque cursor of a page from where it ends. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString("base64url");
}

/** Throws CURSOR_INVALID for what no page gave. */
export function decodeCursor<Position>(cursor: string, schema: z.ZodType<Position>): Position {
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch (error) {
    throw new AppError("CURSOR_INVALID", "This list has no such page.", { cause: error });
  }
}
