import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { ChatFeed } from "./chat-feed.ts";
import { FoundList } from "./found-list.tsx";
import { HighlightedText } from "./highlighted-text.tsx";

/** Between the last key and the search, in ms. */
const PAUSE = 250;

type Props = { chat: ChatFeed; text: string; onChoose: (messageId: string) => void };

/** Messages with all the words. Choosing one goes there. */
export function ChatSearch({ chat, text, onChoose }: Props) {
  const { t } = useTranslation();
  const [searched] = useDebouncedValue(text.trim(), PAUSE);
  const found = useInfiniteQuery({
    queryKey: ["chat-search", chat.roomId, searched],
    queryFn: ({ pageParam }) => chat.search(searched, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: searched !== "",
    gcTime: 0,
  });
  if (text.trim() === "") return null;
  return (
    <FoundList
      label={t("chat.found")}
      nothing={t("chat.nothingFound")}
      searching={t("chat.searching")}
      more={t("chat.more")}
      items={found.data?.pages
        .flatMap(({ items }) => items)
        .map(({ id, author, sentAt, text: found, matches, language }) => ({
          id,
          name: author.name === "" ? t("chat.somebody") : author.name,
          at: sentAt,
          texts: <HighlightedText text={found} matches={matches} language={language} />,
        }))}
      error={found.error}
      hasMore={found.hasNextPage}
      isLoadingMore={found.isFetchingNextPage}
      onMore={() => void found.fetchNextPage()}
      onChoose={onChoose}
    />
  );
}
