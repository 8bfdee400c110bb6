import { isAtLeast, type RoomProcedure } from "../../shared/permission.ts";
import type { Page } from "../../shared/page.ts";
import type {
  Room,
  RoomDetail,
  RoomEvent,
  RoomMember,
  RoomRole,
  RoomSettings,
} from "../../shared/room.ts";
import { type Bus, type Delivered, defineTopic } from "../bus/bus.ts";
import { follow } from "../bus/follow.ts";
import type { Database } from "../database/database.ts";
import { decodeCursor, encodeCursor } from "../kit/cursor.ts";
import { Feed } from "../kit/feed.ts";
import type { Limiters } from "../kit/limiter.ts";
import type { Passwords } from "../kit/passwords.ts";
import { createRoomChanges, type LanguagePair } from "./change-rooms.ts";
import { createDirectory } from "./directory.ts";
import { positionSchema } from "./directory-store.ts";
import { createEntrance } from "./enter-rooms.ts";
import { createLobby, createWaitingEnd } from "./lobby.ts";
import {
  findJoinedUnkept,
  findMember,
  findRole,
  listMembers,
  listRoomIdsOf,
  pageMembers,
  type StoredMember,
} from "./member-store.ts";
import { createMemberships } from "./memberships.ts";
import { createModeration } from "./moderate-rooms.ts";
import { Presence } from "./presence.ts";
import { createRoomAccess, requireMemberIn } from "./room-access.ts";
import { roomNotFound } from "./room-errors.ts";
import { createInvites } from "./room-invites.ts";
import type { RoomParts } from "./room-parts.ts";
import {
  findRoom,
  findSettings,
  listRoomsWithoutHistory,
  type StoredRoom,
  touchQuietRoom,
} from "./room-store.ts";
import { deleteWaiting, listRoomsWaitedFor } from "./waiting-store.ts";

const roomTopic = defineTopic<RoomEvent>("room", { retain: 500 });
const speechTopic = defineTopic<SpeechChange>("room.speech-changed", { retain: 1000 });
/** Every process hears of it: calls may be anywhere. */
const EVERYWHERE = "all";

/** Writing keeps a room at the top of the list; that is noted this seldom. */
const ACTIVITY_MS = 10_000;

/** It may be another matter whether somebody may speak; without `accountId`, for everyone there. */
export type SpeechChange = { roomId: string; accountId?: string };

export type RoomDependencies = {
  db: Database;
  bus: Bus;
  passwords: Pick<Passwords, "hash" | "verify">;
  limiters: Limiters;
  /** Removes, bit by bit, what may be too much to go with a room at once. */
  onRemoving: (roomId: string) => Promise<void>;
  /** Removes what others keep for a room that is gone. */
  onRemoved: (roomId: string) => Promise<void>;
  /** Drops what was translated in a room between these languages: now it would be translated otherwise. */
  onGlossaryChanged: (roomId: string, pairs: readonly LanguagePair[]) => Promise<void>;
  presenceGraceMs?: number | undefined;
};

export type Rooms = Awaited<ReturnType<typeof createRooms>>;

export async function createRooms(deps: RoomDependencies) {
  const { db, bus, passwords, limiters, onRemoving, onRemoved, onGlossaryChanged } = deps;
  const memberships = await createMemberships(bus);
  const access = createRoomAccess({ db, memberships });
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

  const toRoom = ({ settings: _settings, ...room }: StoredRoom): Room => ({
    ...room,
    presentCount: presence.count(room.id),
  });
  const toMember = (roomId: string, member: StoredMember): RoomMember => ({
    ...member,
    present: presence.has(roomId, member.accountId),
  });

  /** The room as `accountId` sees it, who must be a member. */
  async function get(roomId: string, accountId: string): Promise<RoomDetail> {
    const role = await access.requireMember(roomId, accountId, "room.get");
    const record = await findRoom(db, roomId);
    if (!record) throw roomNotFound();
    const members = await listMembers(db, roomId);
    return {
      ...toRoom(record.room),
      ownAccountId: accountId,
      role,
      members: members.map((member) => toMember(roomId, member)),
      settings: record.room.settings,
    };
  }

  const speechChanged = (roomId: string, accountId?: string) =>
    bus.publish(speechTopic, EVERYWHERE, { roomId, ...(accountId !== undefined && { accountId }) });

  const parts: RoomParts = {
    db,
    publish,
    speechChanged,
    tellOwner(roomId, { accountId, wasMuted }) {
      publish(roomId, { type: "role", accountId, role: "owner" });
      if (wasMuted) publish(roomId, { type: "silenced", accountId, silenced: false });
      speechChanged(roomId, accountId);
    },
    toRoom,
    endMembership(roomId, accountId) {
      memberships.end(roomId, accountId);
      presence.remove(roomId, accountId);
    },
    async findMember(transaction, roomId, accountId) {
      const member = await findMember(transaction, roomId, accountId);
      return member && toMember(roomId, member);
    },
    endWaiting: createWaitingEnd({ bus, publish }),
  };
  const entrance = createEntrance({ ...parts, passwords, limiters, get });
  const changes = createRoomChanges({
    ...parts,
    passwords,
    get,
    onRemoving,
    onRemoved,
    onGlossaryChanged,
  });
  const lobby = createLobby({ ...parts, bus });

  return {
    publish,
    get,
    requireMemberIn,
    ...access,
    ...entrance,
    create: changes.create,
    update: changes.update,
    remove: changes.remove,
    ...createModeration(parts),
    ...createInvites(parts),
    ...lobby,
    ...createDirectory(parts),

    /** Those who have been there longest first. */
    async members(
      accountId: string,
      input: { roomId: string; cursor?: string | null | undefined; limit: number },
    ): Promise<Page<RoomMember>> {
      const { roomId, cursor, limit } = input;
      await access.requireMember(roomId, accountId, "room.members");
      const after = cursor ? decodeCursor(cursor, positionSchema) : undefined;
      const { items, next } = await pageMembers(db, roomId, { after, limit });
      return {
        items: items.map((member) => toMember(roomId, member)),
        ...(next && { nextCursor: encodeCursor(next) }),
      };
    },

    /** Like `membership`; meanwhile the account counts as present. */
    async attend(
      this: void,
      roomId: string,
      accountId: string,
      procedure: RoomProcedure,
      signal: AbortSignal,
    ) {
      const attending = await access.membership(roomId, accountId, procedure, signal);
      const leave = presence.enter(roomId, accountId);
      if (attending.aborted) leave();
      else attending.addEventListener("abort", leave, { once: true });
      return attending;
    },

    /** The room now, unless `lastEventId` is known; then what happens, while the membership lasts. */
    follow(
      roomId: string,
      accountId: string,
      options: { lastEventId?: string | null | undefined; signal: AbortSignal },
    ): Feed<Delivered<RoomEvent>> {
      const { lastEventId } = options;
      return new Feed(options.signal, async (reader, signal) => {
        const member = await access.membership(roomId, accountId, "room.onEvent", signal);
        const subscription = await bus.subscribe(roomTopic, roomId, {
          ...(await access.resumption(roomId, accountId, lastEventId)),
          signal: member,
        });
        const leave = presence.enter(roomId, accountId);
        try {
          let role: RoomRole;
          if (subscription.resumed) {
            role = await access.requireMember(roomId, accountId, "room.onEvent");
          } else {
            const room = await get(roomId, accountId);
            ({ role } = room);
            reader.send({ id: subscription.position, event: { type: "snapshot", room } });
          }
          await subscription.events.each((delivered) => {
            const { event } = delivered;
            if (event.type === "role" && event.accountId === accountId) ({ role } = event);
            if (!isForModerators(event) || isAtLeast(role, "moderator")) reader.send(delivered);
          });
        } finally {
          leave();
        }
      });
    },

    /** How it goes in a room. Throws ROOM_NOT_FOUND. */
    async settings(this: void, roomId: string): Promise<RoomSettings> {
      const settings = await findSettings(db, roomId);
      if (!settings) throw roomNotFound();
      return settings;
    },

    /** Before then nothing of the room is there for a member; undefined where its history is kept. */
    historyFrom: (roomId: string, accountId: string): Promise<string | undefined> =>
      findJoinedUnkept(db, roomId, accountId),

    listRoomsWithoutHistory: (): Promise<string[]> => listRoomsWithoutHistory(db),

    /** Calls `listener` whenever somebody's right to speak may have changed, on whichever node. */
    async onSpeechChanged(listener: (change: SpeechChange) => void, onMissed: () => void) {
      const signal = new AbortController().signal;
      await follow(bus, speechTopic, EVERYWHERE, { signal, onEvent: listener, onMissed });
    },

    /** Tells the rooms of somebody what they are called, speak and look like now. */
    async tellProfile(account: {
      id: string;
      name: string;
      language: string;
      avatarUrl?: string | undefined;
    }): Promise<void> {
      const { id: accountId, name, language, avatarUrl } = account;
      const event = {
        type: "renamed",
        accountId,
        name,
        language,
        ...(avatarUrl !== undefined && { avatarUrl }),
      } as const;
      for (const roomId of await listRoomIdsOf(db, accountId)) publish(roomId, event);
    },

    /** Leaves all rooms. Those that nobody is in afterwards are removed, with all that is in them. */
    async erase(this: void, accountId: string): Promise<void> {
      for (const roomId of await listRoomsWaitedFor(db, accountId)) {
        await deleteWaiting(db, roomId, accountId);
        parts.endWaiting(roomId, accountId, "refused");
      }
      for (const roomId of await listRoomIdsOf(db, accountId)) {
        if (await changes.removeUnlessOthers(roomId, accountId)) continue;
        if (await findRole(db, roomId, accountId)) await entrance.leave(roomId, accountId);
        // They may all have gone meanwhile.
        await changes.removeUnlessOthers(roomId, accountId);
      }
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

function isForModerators(event: RoomEvent): boolean {
  switch (event.type) {
    case "waiting":
    case "notWaiting":
    case "banned":
    case "unbanned":
    case "invited":
    case "inviteRevoked":
      return true;
    default:
      return false;
  }
}
