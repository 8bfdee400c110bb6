import { type RoomProcedure, mayInRoom } from "../../../shared/permission.ts";
import type { RoomRole } from "../../../shared/room.ts";
import type { Attachment } from "../../../shared/upload.ts";
import { EmbeddedBus } from "../../bus/embedded-bus.ts";
import type { OpenTestDatabase } from "../../database/testing/each-dialect.ts";
import { insertSampleAccount, insertSampleRoom } from "../../database/testing/sample-rows.ts";
import { AppError } from "../../kit/errors.ts";
import { silentLog } from "../../kit/log.ts";
import { type ChatDependencies, createChat } from "../chat.ts";
import type { UploadPorts } from "../ports.ts";

export const never = new AbortController().signal;

/** A photo of that name, as it is attached. */
export function samplePhoto(id: string): Attachment {
  const url = `/uploads/${id}`;
  return { id, kind: "room-photo", url, contentType: "image/webp", bytes: 1, name: id };
}

/** Uploads that are there as soon as somebody names them. */
function sampleUploads() {
  const attached = new Map<string, Attachment[]>();
  const uploads: UploadPorts = {
    take(_transaction, { uploadIds, messageId }) {
      if (uploadIds.includes("missing")) {
        return Promise.reject(new AppError("UPLOAD_NOT_FOUND", "There is no such upload."));
      }
      const photos = uploadIds.map(samplePhoto);
      attached.set(messageId, photos);
      return Promise.resolve(photos);
    },
    attachmentsOf: () => Promise.resolve(attached),
    release(_transaction, messageIds) {
      for (const id of messageIds) attached.delete(id);
      return Promise.resolve();
    },
  };
  return { uploads, attached };
}

/**
 * A chat with two rooms: the kitchen, where Ann (English, its owner), Ben (Spanish) and Cleo (Chinese, who
 * only listens) are, and the cellar, where Ann is alone.
 */
export async function openChatRoom(
  open: OpenTestDatabase,
  options: Partial<Pick<ChatDependencies, "translatorFor" | "identifyLanguage">> = {},
) {
  const { db } = await open();
  const bus = new EmbeddedBus();
  const roomId = "kitchen";
  const people: Record<string, string> = { ann: "en", ben: "es", cleo: "zh" };
  await insertSampleRoom(db, roomId);
  await insertSampleRoom(db, "cellar");
  for (const [id, language] of Object.entries(people)) await insertSampleAccount(db, id, language);

  const roles = new Map<string, RoomRole>([
    ["kitchen ann", "owner"],
    ["kitchen ben", "member"],
    ["kitchen cleo", "listener"],
    ["cellar ann", "owner"],
  ]);
  const left = new Map<string, AbortController>();
  const membership = (room: string, accountId: string, procedure: RoomProcedure) => {
    const name = `${room} ${accountId}`;
    const role = roles.get(name);
    if (!role) return Promise.reject(new AppError("NOT_A_MEMBER", "You are not here."));
    if (!mayInRoom(role, procedure)) {
      return Promise.reject(new AppError("ROLE_TOO_LOW", "You may not."));
    }
    const leaving = left.get(name) ?? new AbortController();
    left.set(name, leaving);
    return Promise.resolve({ role, signal: leaving.signal });
  };
  const withoutHistory: string[] = [];
  /** When those came for whom no history is kept. */
  const cameAt = new Map<string, string>();
  const { uploads, attached } = sampleUploads();

  const chat = createChat({
    db,
    bus,
    rooms: {
      requireMember: async (...check) => (await membership(...check)).role,
      requireMemberIn: async (_transaction, ...check) => (await membership(...check)).role,
      membership: async (room, accountId, procedure, signal) =>
        AbortSignal.any([(await membership(room, accountId, procedure)).signal, signal]),
      resumption: (_room, accountId, lastEventId) =>
        Promise.resolve({ lastEventId, since: Date.parse(cameAt.get(accountId) ?? "") || 0 }),
      historyFrom: (_room, accountId) => Promise.resolve(cameAt.get(accountId)),
      noteActivity: () => Promise.resolve(),
      settings: () => Promise.resolve({ keepHistory: true, languages: Object.values(people) }),
      listRoomsWithoutHistory: () => Promise.resolve(withoutHistory),
    },
    account: (id) => Promise.resolve({ name: id, language: people[id] ?? "en" }),
    uploads,
    translatorFor: () => undefined,
    log: silentLog,
    ...options,
  });

  let count = 0;
  return {
    db,
    chat,
    roomId,
    roles,
    attached,
    withoutHistory,
    cameAt,
    send: (text: string, author = "ann", clientId = `c${(count += 1)}`) =>
      chat.send(author, { roomId, text, clientId }),
    history: (reader = "ann") => chat.history(reader, { roomId, limit: 100 }),
    leave: (accountId: string) => {
      roles.delete(`kitchen ${accountId}`);
      left.get(`kitchen ${accountId}`)?.abort();
    },
  };
}

/** The next `count` of what is followed. */
export async function take<Item>(items: AsyncIterable<Item>, count: number): Promise<Item[]> {
  const taken: Item[] = [];
  for await (const item of items) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}
