import { createContext, use, useEffect, useState, useSyncExternalStore } from "react";
import type { OwnAccount } from "../../../../shared/account.ts";
import { useServices } from "../../services.ts";
import { ChatFeed, type ChatState } from "./chat-feed.ts";
import { useLanguageChoices, useVisit } from "./use-visit.ts";

/** What a message can have done to it, by whichever part of the panel. */
export type ChatActions = {
  reply: (messageId: string) => void;
  /** Brings a message into sight, from wherever it is. */
  show: (messageId: string) => void;
};

const ChatActionsContext = createContext<ChatActions | undefined>(undefined);
export const ChatActionsProvider = ChatActionsContext.Provider;

export function useChatActions(): ChatActions {
  const actions = use(ChatActionsContext);
  if (!actions) throw new Error("useChatActions is for what lies inside the ChatActionsProvider.");
  return actions;
}

/** The chat of the room, followed for as long as the component that calls this is shown. */
export function useChat(account: OwnAccount, isShown: boolean): ChatFeed {
  const { parley } = useServices();
  const { roomId } = useVisit();
  const { read } = useLanguageChoices(account);
  const [feed] = useState(
    () => new ChatFeed(parley, { roomId, ownAccountId: account.id, read: read ?? undefined }),
  );
  useEffect(() => {
    feed.open();
    return () => feed.close();
  }, [feed]);
  useEffect(() => feed.setRead(read ?? undefined), [feed, read]);
  useEffect(() => feed.setShown(isShown), [feed, isShown]);
  return feed;
}

export function useChatState(feed: ChatFeed): ChatState {
  return useSyncExternalStore(feed.subscribe, () => feed.state);
}
