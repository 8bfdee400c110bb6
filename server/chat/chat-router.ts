import { tracked } from "@trpc/server";
import {
  chatHistoryInputSchema,
  chatMessagesInputSchema,
  chatSendInputSchema,
} from "../../shared/chat.ts";
import { router, signedInProcedure } from "../kit/procedures.ts";
import { type Chat } from "./chat.ts";

export function createChatRouter(chat: Chat) {
  return router({
    send: signedInProcedure
      .input(chatSendInputSchema)
      .mutation(({ ctx, input }) => chat.send(ctx.caller.accountId, input)),

    history: signedInProcedure
      .input(chatHistoryInputSchema)
      .query(({ ctx, input }) => chat.history(ctx.caller.accountId, input)),

    onMessage: signedInProcedure
      .input(chatMessagesInputSchema)
      .subscription(({ ctx, input, signal = new AbortController().signal }) =>
        chat
          .follow(ctx.caller.accountId, input, signal)
          .map((message) => tracked(message.id, message)),
      ),
  });
}
