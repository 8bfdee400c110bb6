import { useDebouncedValue } from "@mantine/hooks";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { FoundCaption } from "../../../../shared/caption.ts";
import { useServices } from "../../services.ts";
import { FoundList } from "./found-list.tsx";
import { HighlightedText } from "./highlighted-text.tsx";
import { useVisit } from "./use-visit.ts";

/** Between the last key and the search, in ms. */
const PAUSE = 250;

type Props = { text: string; onChoose: (captionId: string) => void };

/** Captions with all the words, in what was said or a translation. Choosing one goes there. */
export function TranscriptSearch({ text, onChoose }: Props) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const { roomId } = useVisit();
  const [searched] = useDebouncedValue(text.trim(), PAUSE);
  const found = useInfiniteQuery({
    queryKey: ["transcript-search", roomId, searched],
    queryFn: ({ pageParam }) => {
      const paging = pageParam === undefined ? {} : { cursor: pageParam };
      return parley.transcript(roomId).search(searched, paging);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    enabled: searched !== "",
    gcTime: 0,
  });
  return (
    <FoundList
      label={t("transcript.found")}
      nothing={t("transcript.nothingFound")}
      searching={t("transcript.searching")}
      more={t("transcript.more")}
      items={found.data?.pages
        .flatMap(({ items }) => items)
        .map((caption) => ({
          id: caption.id,
          name: caption.speaker.name,
          at: caption.startedAt,
          texts: <FoundTexts caption={caption} />,
        }))}
      error={found.error}
      hasMore={found.hasNextPage}
      isLoadingMore={found.isFetchingNextPage}
      onMore={() => void found.fetchNextPage()}
      onChoose={onChoose}
    />
  );
}

/** What was said or its translation, whichever has the words; perhaps both. */
function FoundTexts({ caption }: { caption: FoundCaption }) {
  const { language, text, translations } = caption;
  const texts = new Map([
    ...translations.map((translation) => [translation.language, translation.text] as const),
    [language, text] as const,
  ]);
  return caption.matches.map(({ language: matched, ranges }) => (
    <HighlightedText
      key={matched}
      text={texts.get(matched) ?? ""}
      matches={ranges}
      language={matched}
    />
  ));
}
