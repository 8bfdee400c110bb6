import { useEffect, useState, useSyncExternalStore } from "react";
import { type Account } from "../../../../shared/account.ts";
import { useServices } from "../../services.ts";
import { ChatFeed, type ChatState } from "./chat-feed.ts";
import { useVisit } from "./use-visit.ts";

/** The chat of the room, followed for as long as the component that calls this is shown. */
export function useChat(account: Account, isShown: boolean): ChatFeed {
  const { parley } = useServices();
  const { roomId } = useVisit();
  const [feed] = useState(() => new ChatFeed(parley, { roomId, ownAccountId: account.id }));
  useEffect(() => {
    feed.open();
    return () => feed.close();
  }, [feed]);
  useEffect(() => feed.setShown(isShown), [feed, isShown]);
  return feed;
}

export function useChatState(feed: ChatFeed): ChatState {
  return useSyncExternalStore(feed.subscribe, () => feed.state);
}
