import { randomBytes, randomUUID } from "node:crypto";
import type { z } from "zod";
import type { Page } from "../../shared/page.ts";
import { isAtLeast } from "../../shared/permission.ts";
import type { NewRoomInvite, roomCreateInviteInputSchema, RoomInvite } from "../../shared/room.ts";
import { inTurn } from "../database/in-turn.ts";
import { decodeCursor, encodeCursor } from "../kit/cursor.ts";
import { AppError } from "../kit/errors.ts";
import { positionSchema } from "./directory-store.ts";
import { hashInvite } from "./enter-rooms.ts";
import {
  countInvites,
  deleteInvite,
  findInvite,
  insertInvite,
  pageInvites,
  type StoredInvite,
} from "./invite-store.ts";
import { requireMemberIn } from "./room-access.ts";
import { inviteInvalid, roleTooLow, roomNotFound } from "./room-errors.ts";
import type { RoomParts } from "./room-parts.ts";
import { lockRoom } from "./room-store.ts";

const CODE_BYTES = 20;
const LIFETIME_SECONDS = 7 * 24 * 60 * 60;
const INVITES_PER_ROOM = 200;

/** Invitations: whoever has the code of one may come in, and nobody can make one up. */
export function createInvites(deps: Pick<RoomParts, "db" | "publish">) {
  const { db, publish } = deps;

  return {
    async createInvite(
      accountId: string,
      input: z.output<typeof roomCreateInviteInputSchema>,
    ): Promise<NewRoomInvite> {
      const { roomId, role, uses, expiresInSeconds = LIFETIME_SECONDS } = input;
      const code = randomBytes(CODE_BYTES).toString("base64url");
      const codeHash = hashInvite(code);
      const invite = await inTurn(db, `room ${roomId}`, async (transaction) => {
        if (!(await lockRoom(transaction, roomId))) throw roomNotFound();
        const own = await requireMemberIn(transaction, roomId, accountId, "room.createInvite");
        if (isAtLeast(role, own)) throw roleTooLow();
        const now = Date.now();
        const createdAt = new Date(now).toISOString();
        if ((await countInvites(transaction, roomId, createdAt)) >= INVITES_PER_ROOM) {
          throw new AppError("TOO_MANY_INVITES", "This room has too many invitations.");
        }
        await insertInvite(transaction, {
          id: randomUUID(),
          roomId,
          codeHash,
          role,
          createdBy: accountId,
          createdAt,
          expiresAt: new Date(now + expiresInSeconds * 1000).toISOString(),
          uses,
        });
        return findInvite(transaction, codeHash, createdAt);
      });
      if (!invite) throw inviteInvalid();
      publish(roomId, { type: "invited", invite: withoutRoom(invite) });
      return { ...invite, code };
    },

    /** Those that still open the door, without their codes. */
    async invites(
      accountId: string,
      input: { roomId: string; cursor?: string | null | undefined; limit: number },
    ): Promise<Page<RoomInvite>> {
      const { roomId, cursor, limit } = input;
      await requireMemberIn(db, roomId, accountId, "room.invites");
      const after = cursor ? decodeCursor(cursor, positionSchema) : undefined;
      const now = new Date().toISOString();
      const { items, next } = await pageInvites(db, roomId, { after, limit, now });
      return { items: items.map(withoutRoom), ...(next && { nextCursor: encodeCursor(next) }) };
    },

    async revokeInvite(
      accountId: string,
      { roomId, inviteId }: { roomId: string; inviteId: string },
    ): Promise<void> {
      await requireMemberIn(db, roomId, accountId, "room.revokeInvite");
      if (!(await deleteInvite(db, roomId, inviteId))) throw inviteInvalid();
      publish(roomId, { type: "inviteRevoked", inviteId });
    },
  };
}

function withoutRoom({ roomId: _roomId, ...invite }: StoredInvite): RoomInvite {
  return invite;
}
