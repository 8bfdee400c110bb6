import { type AccountParts, createAccountRouter } from "./account/account-router.ts";
import { createCallRouter } from "./call/call-router.ts";
import type { Calls } from "./call/calls.ts";
import { createTranscriptRouter } from "./call/transcript-router.ts";
import type { Transcripts } from "./call/transcripts.ts";
import { createChatRouter } from "./chat/chat-router.ts";
import type { Chat } from "./chat/chat.ts";
import { createEngineRouter } from "./engine/engine-router.ts";
import type { EngineRegistry } from "./interpreter/engines.ts";
import { mergeRouters, router, underReservedName } from "./kit/procedures.ts";
import { createRoomRouter } from "./room/room-router.ts";
import type { Rooms } from "./room/rooms.ts";
import { createUploadRouter } from "./upload/upload-router.ts";
import type { Uploads } from "./upload/uploads.ts";

export type Features = {
  account: AccountParts;
  rooms: Rooms;
  chat: Chat;
  /** Without media there are no calls, and a sentence that says why. */
  calls: Calls | { unavailable: string };
  transcripts: Transcripts;
  engines: EngineRegistry;
  uploads: Uploads;
};

/** All that a client can call, one router a noun. */
export function createAppRouter({
  account,
  rooms,
  chat,
  calls,
  transcripts,
  engines,
  uploads,
}: Features) {
  return router({
    account: createAccountRouter(account),
    room: createRoomRouter(rooms),
    chat: createChatRouter(chat),
    ...underReservedName(
      "call",
      mergeRouters(createCallRouter(calls), createTranscriptRouter(transcripts)),
    ),
    engine: createEngineRouter(engines),
    upload: createUploadRouter(uploads),
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;
