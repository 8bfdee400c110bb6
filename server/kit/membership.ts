import type { RoomProcedure } from "../../shared/permission.ts";

/**
 * What features ask of rooms before somebody follows anything there. Throws ROOM_NOT_FOUND, NOT_A_MEMBER
 * or ROLE_TOO_LOW; the signal given aborts when the membership ends, or when `signal` does.
 */
export type Membership = (
  roomId: string,
  accountId: string,
  procedure: RoomProcedure,
  signal: AbortSignal,
) => Promise<AbortSignal>;
