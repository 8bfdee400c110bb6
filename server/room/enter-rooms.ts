import { createHash } from "node:crypto";
import type {
  RoomInvitation,
  RoomJoined,
  RoomMember,
  RoomPreview,
  RoomRole,
  roomJoinInputSchema,
} from "../../shared/room.ts";
import type { z } from "zod";
import type { Database } from "../database/database.ts";
import { inTurn } from "../database/in-turn.ts";
import { AppError } from "../kit/errors.ts";
import type { Limiters } from "../kit/limiter.ts";
import type { Passwords } from "../kit/passwords.ts";
import { findInvite, type StoredInvite, useInvite } from "./invite-store.ts";
import {
  countMembers,
  deleteMember,
  findStanding,
  findSuccessor,
  insertMember,
  listMembers,
  updateRole,
} from "./member-store.ts";
import { findRestriction, lift, liftFromOwner } from "./restriction-store.ts";
import { inviteInvalid, notAMember, roomFull, roomNotFound } from "./room-errors.ts";
import { type RoomParts, toPreview } from "./room-parts.ts";
import { findRoom, lockRoom, type RoomRecord } from "./room-store.ts";
import { deleteWaiting, findWaiting, insertWaiting } from "./waiting-store.ts";

type JoinInput = z.output<typeof roomJoinInputSchema>;

/** Who was sent out of a room that is open to everyone may come back after so long. */
const SENT_OUT_MS = 10 * 60 * 1000;
/** As many people of a room are shown to who is invited to it. */
const PEOPLE_SHOWN = 12;

type Entered =
  | { entered: "before" }
  | { entered: "now"; member: RoomMember | undefined }
  | { entered: "not yet"; room: RoomPreview };

export function hashInvite(code: string): string {
  return createHash("sha256").update(code).digest("base64url");
}

/** How people come into rooms, and leave. */
export function createEntrance(
  deps: RoomParts & {
    passwords: Pick<Passwords, "verify">;
    limiters: Limiters;
    get: (
      roomId: string,
      accountId: string,
    ) => Promise<Omit<RoomJoined & { status: "joined" }, "status">>;
  },
) {
  const { db, publish, toRoom, passwords, get } = deps;
  const perAccount = deps.limiters("room-password:account", { points: 10, seconds: 600 });
  const perNetwork = deps.limiters("room-password:network", { points: 50, seconds: 600 });

  /** Whether the password is right; counted, and as slow for a room that isn't there or has none. */
  async function tryPassword(
    password: string | undefined,
    attempt: { roomId: string; accountId: string; network: string },
    record: RoomRecord | undefined,
  ): Promise<boolean> {
    if (password === undefined) return false;
    const { roomId, accountId, network } = attempt;
    await perAccount.consume(`${accountId} ${roomId}`);
    await perNetwork.consume(`${network} ${roomId}`);
    const right = await passwords.verify(password, record?.password?.hash);
    if (right) await perAccount.reset(`${accountId} ${roomId}`);
    return right;
  }

  /** Gives the role that somebody gets who may come in. */
  async function decide(
    transaction: Database,
    who: { accountId: string; banned: boolean; by: "invite" | "other" },
    record: RoomRecord,
    keys: { invite: StoredInvite | undefined; password: RoomRecord["password"] },
    now: number,
  ): Promise<RoomRole> {
    const { room } = record;
    const { accountId } = who;
    const hidden = () => (who.by === "invite" ? inviteInvalid() : roomNotFound());
    if (who.banned) throw hidden();
    const kick = { roomId: room.id, accountId, kind: "kick" } as const;
    const sentOutAt = await findRestriction(transaction, kick);
    // What was valid when they were sent out doesn't bring them back.
    const isLater = (time: string) => sentOutAt === undefined || time > sentOutAt;
    // Who was made a listener comes back as one, unless they are invited anew.
    const listensSince = await findRestriction(transaction, { ...kick, kind: "listen" });
    if (who.by === "invite") {
      const { invite } = keys;
      if (!invite || !isLater(invite.createdAt)) throw inviteInvalid();
      return listensSince === undefined || invite.createdAt > listensSince
        ? invite.role
        : "listener";
    }
    const role = listensSince === undefined ? "member" : "listener";
    if (keys.password && isLater(keys.password.setAt)) return role;
    if (room.visibility === "private") throw roomNotFound();
    if (room.hasPassword && !keys.password) {
      throw new AppError("ROOM_PASSWORD_WRONG", "That is not the password of this room.");
    }
    const backIn = sentOutAt === undefined ? 0 : Date.parse(sentOutAt) + SENT_OUT_MS - now;
    if (backIn > 0 || room.hasPassword) {
      throw new AppError("REMOVED_FROM_ROOM", "A moderator sent you out of this room.", {
        ...(!room.hasPassword && { retryAfterSeconds: Math.ceil(backIn / 1000) }),
      });
    }
    return role;
  }

  async function enter(
    transaction: Database,
    roomId: string,
    accountId: string,
    keys: { code: string | undefined; passwordHash: string | undefined },
  ): Promise<Entered> {
    const now = Date.now();
    const at = new Date(now).toISOString();
    const by = keys.code === undefined ? "other" : "invite";
    const locked = await lockRoom(transaction, roomId, at);
    const standing = locked && (await findStanding(transaction, roomId, accountId));
    const record = await findRoom(transaction, roomId);
    if (!standing || !record) throw by === "invite" ? inviteInvalid() : roomNotFound();
    if (standing.role !== null) return { entered: "before" };

    const invite =
      keys.code === undefined
        ? undefined
        : await findInvite(transaction, hashInvite(keys.code), at);
    // It may have been changed since it was compared.
    const same = keys.passwordHash !== undefined && record.password?.hash === keys.passwordHash;
    const password = same ? record.password : undefined;
    const who = { accountId, banned: standing.banned, by } as const;
    const granted = await decide(transaction, who, record, { invite, password }, now);

    const count = await countMembers(transaction, roomId);
    const { room } = record;
    // Who comes into a room that everyone has left has it.
    const empty = count === 0;
    if (room.locked && !empty) {
      throw new AppError("ROOM_LOCKED", "This room is locked: nobody new may come in.");
    }
    if (room.capacity !== undefined && count >= room.capacity) throw roomFull();
    const waits = room.lobby && !empty;
    const preview = toPreview(toRoom(room));
    if (waits && (await findWaiting(transaction, roomId, accountId))) {
      return { entered: "not yet", room: preview };
    }
    if (invite && !(await useInvite(transaction, invite.id, at))) throw inviteInvalid();
    if (waits) {
      await insertWaiting(transaction, { roomId, accountId, role: granted, since: at });
      return { entered: "not yet", room: preview };
    }
    await deleteWaiting(transaction, roomId, accountId);
    await lift(transaction, { roomId, accountId, kind: "kick" });
    const role = empty ? "owner" : granted;
    await insertMember(transaction, { roomId, accountId, role, joinedAt: at });
    if (empty) await liftFromOwner(transaction, roomId, accountId);
    return { entered: "now", member: await deps.findMember(transaction, roomId, accountId) };
  }

  return {
    /** Joining twice is joining once. */
    async join(accountId: string, network: string, input: JoinInput): Promise<RoomJoined> {
      const { invite: code } = input;
      const invited =
        code === undefined
          ? undefined
          : await findInvite(db, hashInvite(code), new Date().toISOString());
      const roomId = input.roomId ?? invited?.roomId;
      if (roomId === undefined || (invited && invited.roomId !== roomId)) throw inviteInvalid();
      const record = await findRoom(db, roomId);
      const right = await tryPassword(input.password, { roomId, accountId, network }, record);
      const keys = { code, passwordHash: right ? record?.password?.hash : undefined };
      const entered = await inTurn(db, `room ${roomId}`, (transaction) =>
        enter(transaction, roomId, accountId, keys),
      );

      if (entered.entered === "not yet") {
        const person = await findWaiting(db, roomId, accountId);
        if (person) publish(roomId, { type: "waiting", person });
        return { status: "waiting", room: entered.room };
      }
      if (entered.entered === "now") {
        const { member } = entered;
        deps.endWaiting(roomId, accountId, "admitted");
        if (member) publish(roomId, { type: "joined", member });
      }
      return { status: "joined", ...(await get(roomId, accountId)) };
    },

    /** Dead, used up and unknown invitations are one. */
    async invitation(code: string, accountId: string | undefined): Promise<RoomInvitation> {
      const invite = await findInvite(db, hashInvite(code), new Date().toISOString());
      const record = invite && (await findRoom(db, invite.roomId));
      if (!record) throw inviteInvalid();
      const roomId = record.room.id;
      if (accountId !== undefined) {
        const standing = await findStanding(db, roomId, accountId);
        const kick = await findRestriction(db, { roomId, accountId, kind: "kick" });
        const out = kick !== undefined && standing?.role === null && kick >= invite.createdAt;
        if (standing?.banned || out) throw inviteInvalid();
      }
      const members = await listMembers(db, roomId, PEOPLE_SHOWN);
      return {
        room: toPreview(toRoom(record.room)),
        role: invite.role,
        people: members.map(({ name, language, avatarUrl }) => ({ name, language, avatarUrl })),
      };
    },

    async leave(roomId: string, accountId: string): Promise<void> {
      const successor = await inTurn(db, `room ${roomId}`, async (transaction) => {
        if (!(await lockRoom(transaction, roomId))) throw roomNotFound();
        const standing = await findStanding(transaction, roomId, accountId);
        const role = await deleteMember(transaction, roomId, accountId);
        if (!role) {
          const hidden = standing?.visibility === "private" || standing?.banned;
          throw hidden ? roomNotFound() : notAMember();
        }
        if (role !== "owner") return undefined;
        const next = await findSuccessor(transaction, roomId);
        if (next === undefined) return undefined;
        await updateRole(transaction, roomId, next, "owner");
        const wasMuted = await liftFromOwner(transaction, roomId, next);
        return { accountId: next, wasMuted };
      });
      publish(roomId, { type: "left", accountId });
      deps.endMembership(roomId, accountId);
      if (successor) deps.tellOwner(roomId, successor);
    },
  };
}
