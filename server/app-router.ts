import { type AccountParts, createAccountRouter } from "./account/account-router.ts";
import { createCallRouter } from "./call/call-router.ts";
import { type Calls } from "./call/calls.ts";
import { createChatRouter } from "./chat/chat-router.ts";
import { type Chat } from "./chat/chat.ts";
import { createEngineRouter } from "./engine/engine-router.ts";
import { type EngineRegistry } from "./interpreter/engines.ts";
import { router, underReservedName } from "./kit/procedures.ts";
import { createRoomRouter } from "./room/room-router.ts";
import { type Rooms } from "./room/rooms.ts";
import { createUploadRouter } from "./upload/upload-router.ts";
import { type Uploads } from "./upload/uploads.ts";

export type Features = {
  account: AccountParts;
  rooms: Rooms;
  chat: Chat;
  /** Without media there are no calls, and a sentence that says why. */
  calls: Calls | { unavailable: string };
  engines: EngineRegistry;
  uploads: Uploads;
};

/** All that a client can call, one router a noun. */
export function createAppRouter({ account, rooms, chat, calls, engines, uploads }: Features) {
  return router({
    account: createAccountRouter(account),
    room: createRoomRouter(rooms),
    chat: createChatRouter(chat),
    ...underReservedName("call", createCallRouter(calls)),
    engine: createEngineRouter(engines),
    upload: createUploadRouter(uploads),
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;
