import { createAccountRouter } from "./account/account-router.ts";
import { type Accounts } from "./account/accounts.ts";
import { createChatRouter } from "./chat/chat-router.ts";
import { type Chat } from "./chat/chat.ts";
import { router } from "./kit/procedures.ts";
import { createRoomRouter } from "./room/room-router.ts";
import { type Rooms } from "./room/rooms.ts";

export type Features = { accounts: Accounts; rooms: Rooms; chat: Chat };

/** All that a client can call, one router a noun. */
export function createAppRouter({ accounts, rooms, chat }: Features) {
  return router({
    account: createAccountRouter(accounts),
    room: createRoomRouter(rooms),
    chat: createChatRouter(chat),
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;
