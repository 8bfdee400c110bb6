import { randomUUID } from "node:crypto";
import type { z } from "zod";
import type { LanguageTag } from "../../shared/language.ts";
import type {
  Glossary,
  Place,
  RoomChange,
  roomCreateInputSchema,
  RoomDetail,
  RoomMember,
  roomUpdateInputSchema,
} from "../../shared/room.ts";
import { inTurn } from "../database/in-turn.ts";
import type { Passwords } from "../kit/passwords.ts";
import { admitWaiting } from "./lobby.ts";
import { insertMember, listMembers } from "./member-store.ts";
import { requireMemberIn } from "./room-access.ts";
import { roomNotFound } from "./room-errors.ts";
import type { RoomParts } from "./room-parts.ts";
import {
  deleteRoom,
  findRoom,
  insertRoom,
  lockRoom,
  type RoomContent,
  type RoomRecord,
  setCapacity,
  type StoredRoom,
  updateRoom,
} from "./room-store.ts";
import { pageWaiting } from "./waiting-store.ts";

type UpdateInput = z.output<typeof roomUpdateInputSchema>;
export type LanguagePair = { from: LanguageTag; to: LanguageTag };

const MILLIONTHS = 1_000_000;
const WAITING_AT_ONCE = 100;

/** How rooms are made, changed and removed. */
export function createRoomChanges(
  deps: RoomParts & {
    passwords: Pick<Passwords, "hash">;
    get: (roomId: string, accountId: string) => Promise<RoomDetail>;
    onRemoving: (roomId: string) => Promise<void>;
    onRemoved: (roomId: string) => Promise<void>;
    onGlossaryChanged: (roomId: string, pairs: readonly LanguagePair[]) => Promise<void>;
  },
) {
  const { db, publish, passwords, get } = deps;

  async function hash(password: string | null | undefined): Promise<RoomContent["password"]> {
    if (password === undefined || password === null) return undefined;
    return { hash: await passwords.hash(password), setAt: new Date().toISOString() };
  }

  async function remove(roomId: string): Promise<void> {
    await deps.onRemoving(roomId);
    const { members, waiting } = await inTurn(db, `room ${roomId}`, async (transaction) => {
      if (!(await lockRoom(transaction, roomId))) throw roomNotFound();
      const members = await listMembers(transaction, roomId);
      const waiting: string[] = [];
      let after: [string, string] | undefined;
      do {
        const page = await pageWaiting(transaction, roomId, { after, limit: WAITING_AT_ONCE });
        waiting.push(...page.items.map(({ accountId }) => accountId));
        after = page.next;
      } while (after);
      await deleteRoom(transaction, roomId);
      return { members, waiting };
    });
    publish(roomId, { type: "removed" });
    for (const { accountId } of members) deps.endMembership(roomId, accountId);
    for (const accountId of waiting) deps.endWaiting(roomId, accountId, "refused");
    await deps.onRemoved(roomId);
  }

  return {
    async create(
      this: void,
      accountId: string,
      input: z.output<typeof roomCreateInputSchema>,
    ): Promise<RoomDetail> {
      const { password, place, capacity, ...content } = input;
      const id = randomUUID();
      const hashed = await hash(password);
      const createdAt = new Date().toISOString();
      await db.transaction().execute(async (transaction) => {
        await insertRoom(transaction, {
          ...content,
          id,
          createdAt,
          password: hashed,
          place: place && rounded(place),
          capacity,
        });
        const member = { roomId: id, accountId, role: "owner", joinedAt: createdAt } as const;
        await insertMember(transaction, member);
      });
      return get(id, accountId);
    },

    async update(this: void, accountId: string, input: UpdateInput): Promise<RoomDetail> {
      const { roomId, password } = input;
      // Before the work that hashing is, and once more when nothing can change any more.
      await requireMemberIn(db, roomId, accountId, "room.update");
      const hashed = await hash(password);
      const updated = await inTurn(db, `room ${roomId}`, async (transaction) => {
        if (!(await lockRoom(transaction, roomId))) throw roomNotFound();
        await requireMemberIn(transaction, roomId, accountId, "room.update");
        const record = await findRoom(transaction, roomId);
        if (!record) throw roomNotFound();
        const kept = password === undefined ? record.password : hashed;
        const content = changed(record, input, kept);
        await updateRoom(transaction, roomId, content);
        // Nobody decides about those who wait at a door that is open.
        const open = !content.lobby && !content.locked;
        const newcomers: RoomMember[] = [];
        const admitted = open ? await admitWaiting(transaction, roomId, content.capacity) : [];
        for (const newcomer of admitted) {
          const member = await deps.findMember(transaction, roomId, newcomer);
          if (member) newcomers.push(member);
        }
        return {
          pairs: changedPairs(record.room.settings.glossary, content.settings.glossary),
          newcomers,
          after: await findRoom(transaction, roomId),
        };
      });
      const { pairs, newcomers, after } = updated;
      // At once: of two changes the later one is told last, and nothing that fails keeps it back.
      if (after) publish(roomId, { type: "changed", change: toChange(after.room) });
      for (const member of newcomers) {
        deps.endWaiting(roomId, member.accountId, "admitted");
        publish(roomId, { type: "joined", member });
      }
      if (input.settings?.speak) deps.speechChanged(roomId);
      if (pairs.length > 0) await deps.onGlossaryChanged(roomId, pairs);
      return get(roomId, accountId);
    },

    async remove(this: void, accountId: string, roomId: string): Promise<void> {
      await requireMemberIn(db, roomId, accountId, "room.remove");
      await remove(roomId);
    },

    /** Removes a room that nobody else is in. Nobody comes in meanwhile. Gives false where others are. */
    async removeUnlessOthers(this: void, roomId: string, accountId: string): Promise<boolean> {
      const isDeserted = await inTurn(db, `room ${roomId}`, async (transaction) => {
        if (!(await lockRoom(transaction, roomId))) return false;
        const members = await listMembers(transaction, roomId, 2);
        if (members.some((member) => member.accountId !== accountId)) return false;
        await setCapacity(transaction, roomId, members.length);
        return true;
      });
      if (isDeserted) await remove(roomId);
      return isDeserted;
    },
  };
}

/** What is stored is what is shown, and as near as anybody needs it. */
function rounded({ latitude, longitude }: Place): Place {
  const round = (degrees: number) => Math.round(degrees * MILLIONTHS) / MILLIONTHS;
  return { latitude: round(latitude), longitude: round(longitude) };
}

function changed(
  { room }: RoomRecord,
  input: UpdateInput,
  password: RoomContent["password"],
): RoomContent {
  const { settings = {} } = input;
  const given = Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined),
  );
  const place = input.place === undefined ? room.place : (input.place ?? undefined);
  return {
    name: input.name ?? room.name,
    description: input.description ?? room.description,
    visibility: input.visibility ?? room.visibility,
    password,
    place: place && rounded(place),
    capacity: input.capacity === undefined ? room.capacity : (input.capacity ?? undefined),
    locked: input.locked ?? room.locked,
    lobby: input.lobby ?? room.lobby,
    settings: { ...room.settings, ...given },
  };
}

/** Those whose terms aren't what they were. */
function changedPairs(before: Glossary, after: Glossary): LanguagePair[] {
  const termsOf = (glossary: Glossary, { from, to }: LanguagePair) =>
    JSON.stringify(glossary.find((pair) => pair.from === from && pair.to === to)?.terms);
  const added = after.filter((pair) => termsOf(before, pair) === undefined);
  return [...before, ...added]
    .filter((pair) => termsOf(before, pair) !== termsOf(after, pair))
    .map(({ from, to }) => ({ from, to }));
}

function toChange(room: StoredRoom): RoomChange {
  const { name, description, visibility, hasPassword, locked, lobby, languages } = room;
  const { place, capacity, settings } = room;
  return {
    name,
    description,
    visibility,
    hasPassword,
    locked,
    lobby,
    languages,
    ...(place && { place }),
    ...(capacity !== undefined && { capacity }),
    settings,
  };
}
