import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Page } from "../../shared/page.ts";
import { mayInRoom, type RoomProcedure } from "../../shared/permission.ts";
import {
  type Room,
  type RoomDetail,
  type RoomEvent,
  type RoomMember,
  type RoomRole,
} from "../../shared/room.ts";
import { type Bus, type Delivered, defineTopic } from "../bus/bus.ts";
import { type Database } from "../database/database.ts";
import { decodeCursor, encodeCursor } from "../kit/cursor.ts";
import { AppError } from "../kit/errors.ts";
import { Feed } from "../kit/feed.ts";
import { createMemberships } from "./memberships.ts";
import { Presence } from "./presence.ts";
import {
  deleteMember,
  findRole,
  findRoom,
  insertMember,
  insertRoom,
  listMembers,
  listRooms,
  lockRoom,
  type StoredMember,
  type StoredRoom,
  touchQuietRoom,
  updateRole,
} from "./room-store.ts";

const roomTopic = defineTopic<RoomEvent>("room", { retain: 500 });
const positionSchema = z.tuple([z.string(), z.string()]);

/** Writing keeps a room at the top of the list; that is noted this seldom. */
const ACTIVITY_MS = 10_000;

export type Rooms = Awaited<ReturnType<typeof createRooms>>;

export async function createRooms(deps: { db: Database; bus: Bus; presenceGraceMs?: number }) {
  const { db, bus } = deps;
  const memberships = await createMemberships(bus);
  const presence = new Presence({
    graceMs: deps.presenceGraceMs,
    onChange: (roomId, accountId, present) =>
      publish(roomId, { type: "present", accountId, present }),
  });

  /** Tells everyone who has the room open. Of a state only the newest waits for a slow reader. */
  function publish(roomId: string, event: RoomEvent): void {
    const isState = event.type === "muted" || event.type === "speaking" || event.type === "present";
    const replaces = isState ? `${event.type}:${event.accountId}` : undefined;
    bus.publish(roomTopic, roomId, event, { replaces });
  }

  const withPresence = (room: StoredRoom): Room => ({
    ...room,
    presentCount: presence.count(room.id),
  });

  /**
   * Gives the role of a member who may call `procedure`. Throws ROOM_NOT_FOUND, NOT_A_MEMBER or
   * ROLE_TOO_LOW.
   */
  async function requireMember(
    roomId: string,
    accountId: string,
    procedure: RoomProcedure,
  ): Promise<RoomRole> {
    const found = await findRole(db, roomId, accountId);
    if (!found) throw roomNotFound();
    const { role } = found;
    if (role === null) throw notAMember();
    if (!mayInRoom(role, procedure)) throw roleTooLow();
    return role;
  }

  /** The room as `accountId` sees it, who must be a member. */
  async function get(roomId: string, accountId: string): Promise<RoomDetail> {
    const role = await requireMember(roomId, accountId, "room.get");
    const room = await findRoom(db, roomId);
    if (!room) throw roomNotFound();
    const toMember = (member: StoredMember): RoomMember => {
      return { ...member, present: presence.has(roomId, member.accountId) };
    };
    const members = (await listMembers(db, roomId)).map(toMember);
    return { ...withPresence(room), role, members };
  }

  /**
   * Checks like `requireMember`, and gives a signal that aborts when the membership ends, or when
   * `signal` does: whatever a member may follow ends with it.
   */
  async function membership(
    roomId: string,
    accountId: string,
    procedure: RoomProcedure,
    signal: AbortSignal,
  ) {
    // Watched before it is checked: a membership that ends in between is noticed.
    const checking = new AbortController();
    const stop = () => checking.abort();
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    const watched = memberships.watch(roomId, accountId, checking.signal);
    watched.addEventListener("abort", () => signal.removeEventListener("abort", stop), {
      once: true,
    });
    try {
      await requireMember(roomId, accountId, procedure);
    } catch (error) {
      stop();
      throw error;
    }
    return watched;
  }

  return {
    publish,
    requireMember,
    membership,
    get,

    /** Like `membership`; meanwhile the account counts as present. */
    async attend(
      this: void,
      roomId: string,
      accountId: string,
      procedure: RoomProcedure,
      signal: AbortSignal,
    ) {
      const attending = await membership(roomId, accountId, procedure, signal);
      const leave = presence.enter(roomId, accountId);
      if (attending.aborted) leave();
      else attending.addEventListener("abort", leave, { once: true });
      return attending;
    },

    async create(accountId: string, name: string): Promise<RoomDetail> {
      const id = randomUUID();
      const createdAt = new Date().toISOString();
      await db.transaction().execute(async (transaction) => {
        await insertRoom(transaction, { id, name, createdAt });
        const member = { roomId: id, accountId, role: "owner", joinedAt: createdAt } as const;
        await insertMember(transaction, member);
      });
      return get(id, accountId);
    },

    /** Joining twice is joining once. */
    async join(roomId: string, accountId: string): Promise<RoomDetail> {
      const joinedAt = new Date().toISOString();
      const joined = await db.transaction().execute(async (transaction) => {
        if (!(await lockRoom(transaction, roomId, joinedAt))) throw roomNotFound();
        const members = await listMembers(transaction, roomId);
        // Who comes into a room that everyone has left has it.
        const role = members.length === 0 ? "owner" : "member";
        return insertMember(transaction, { roomId, accountId, role, joinedAt });
      });
      const room = await get(roomId, accountId);
      const member = room.members.find((candidate) => candidate.accountId === accountId);
      if (joined && member) publish(roomId, { type: "joined", member });
      return room;
    },

    async leave(roomId: string, accountId: string): Promise<void> {
      const successor = await db.transaction().execute(async (transaction) => {
        if (!(await lockRoom(transaction, roomId))) throw roomNotFound();
        const role = await deleteMember(transaction, roomId, accountId);
        if (!role) throw notAMember();
        if (role !== "owner") return undefined;
        const [longest] = await listMembers(transaction, roomId);
        if (longest) await updateRole(transaction, roomId, longest.accountId, "owner");
        return longest?.accountId;
      });
      memberships.end(roomId, accountId);
      presence.remove(roomId, accountId);
      publish(roomId, { type: "left", accountId });
      if (successor) publish(roomId, { type: "role", accountId: successor, role: "owner" });
    },

    /** All rooms are open to everyone who is signed in. The most lately active first. */
    async list(input: { cursor?: string | null; limit: number }): Promise<Page<Room>> {
      const after = input.cursor ? decodeCursor(input.cursor, positionSchema) : undefined;
      const { items, next } = await listRooms(db, { after, limit: input.limit });
      return { items: items.map(withPresence), ...(next && { nextCursor: encodeCursor(next) }) };
    },

    /** The room now, unless `lastEventId` is known; then what happens, while the membership lasts. */
    follow(
      roomId: string,
      accountId: string,
      options: { lastEventId?: string | null; signal: AbortSignal },
    ): Feed<Delivered<RoomEvent>> {
      const { lastEventId } = options;
      return new Feed(options.signal, async (reader, signal) => {
        const member = await membership(roomId, accountId, "room.onEvent", signal);
        const subscription = await bus.subscribe(roomTopic, roomId, {
          lastEventId,
          signal: member,
        });
        const leave = presence.enter(roomId, accountId);
        try {
          if (!subscription.resumed) {
            const room = await get(roomId, accountId);
            reader.send({ id: subscription.position, event: { type: "snapshot", room } });
          }
          await subscription.events.each((delivered) => reader.send(delivered));
        } finally {
          leave();
        }
      });
    },

    /** Notes that people are busy in the room. */
    async noteActivity(roomId: string): Promise<void> {
      const now = Date.now();
      const at = new Date(now).toISOString();
      const before = new Date(now - ACTIVITY_MS).toISOString();
      await touchQuietRoom(db, roomId, { at, before });
    },
  };
}

function roomNotFound(): AppError {
  return new AppError("ROOM_NOT_FOUND", "There is no such room.");
}

function roleTooLow(): AppError {
  return new AppError("ROLE_TOO_LOW", "Your role in this room does not allow it.");
}

function notAMember(): AppError {
  return new AppError("NOT_A_MEMBER", "You are not in this room. Join it first.");
}
