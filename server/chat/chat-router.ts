import { tracked } from "@trpc/server";
import {
  chatEditInputSchema,
  chatEventsInputSchema,
  chatHistoryInputSchema,
  chatMarkReadInputSchema,
  chatMessagesInputSchema,
  chatReactInputSchema,
  chatRemoveInputSchema,
  chatSearchInputSchema,
  chatSendInputSchema,
  chatTranslationEventsInputSchema,
  chatTranslationsInputSchema,
  chatTypingInputSchema,
  chatUnreadInputSchema,
} from "../../shared/chat.ts";
import { router, signedInProcedure } from "../kit/procedures.ts";
import type { Chat } from "./chat.ts";

export function createChatRouter(chat: Chat) {
  return router({
    send: signedInProcedure
      .input(chatSendInputSchema)
      .mutation(({ ctx, input }) => chat.send(ctx.caller.accountId, input)),

    edit: signedInProcedure
      .input(chatEditInputSchema)
      .mutation(({ ctx, input }) => chat.edit(ctx.caller.accountId, input)),

    remove: signedInProcedure
      .input(chatRemoveInputSchema)
      .mutation(({ ctx, input }) => chat.remove(ctx.caller.accountId, input)),

    react: signedInProcedure
      .input(chatReactInputSchema)
      .mutation(({ ctx, input }) => chat.react(ctx.caller.accountId, input)),

    markRead: signedInProcedure
      .input(chatMarkReadInputSchema)
      .mutation(({ ctx, input }) => chat.markRead(ctx.caller.accountId, input)),

    unread: signedInProcedure
      .input(chatUnreadInputSchema)
      .query(({ ctx, input }) => chat.unread(ctx.caller.accountId, input.roomIds)),

    typing: signedInProcedure
      .input(chatTypingInputSchema)
      .mutation(({ ctx, input }) => chat.setTyping(ctx.caller.accountId, input)),

    history: signedInProcedure
      .input(chatHistoryInputSchema)
      .query(({ ctx, input }) => chat.history(ctx.caller.accountId, input)),

    search: signedInProcedure
      .input(chatSearchInputSchema)
      .query(({ ctx, input }) => chat.search(ctx.caller.accountId, input)),

    translations: signedInProcedure
      .input(chatTranslationsInputSchema)
      .query(({ ctx, input }) => chat.translations(ctx.caller.accountId, input)),

    onMessage: signedInProcedure
      .input(chatMessagesInputSchema)
      .subscription(({ ctx, input, signal = new AbortController().signal }) =>
        chat
          .follow(ctx.caller.accountId, input, signal)
          .map((message) => tracked(message.version, message)),
      ),

    onEvent: signedInProcedure
      .input(chatEventsInputSchema)
      .subscription(({ ctx, input, signal = new AbortController().signal }) =>
        chat
          .followEvents(ctx.caller.accountId, input, signal)
          .map(({ id, event }) => tracked(id, event)),
      ),

    onTranslation: signedInProcedure
      .input(chatTranslationEventsInputSchema)
      .subscription(({ ctx, input, signal = new AbortController().signal }) =>
        chat
          .followTranslations(ctx.caller.accountId, input, signal)
          .map(({ id, event }) => tracked(id, event)),
      ),
  });
}
