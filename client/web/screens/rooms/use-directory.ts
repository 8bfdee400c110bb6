import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { UNREAD_ROOMS } from "../../../../shared/chat.ts";
import type { LanguageTag } from "../../../../shared/language.ts";
import type { Place, Room } from "../../../../shared/room.ts";
import { useServices } from "../../services.ts";

/** How often the lists are asked for while they are looked at. */
const REFRESH_MS = 5000;
/** The whole Earth: nearest first, however far. */
const RADIUS_METRES = 20_037_508;

export type DirectoryFilter = {
  text: string;
  language: LanguageTag | null;
  near: Place | undefined;
};

export type ListedRoom = Room & { distanceMetres?: number };

/** Public rooms, as they are looked for. */
export function useDirectory({ text, language, near }: DirectoryFilter) {
  const { parley } = useServices();
  const words = text.trim();
  return useInfiniteQuery({
    queryKey: ["room", "search", { words, language, near }],
    queryFn: ({ pageParam, signal }) =>
      parley.api.room.search.query(
        {
          ...(words !== "" && { text: words }),
          ...(language !== null && { language }),
          ...(near && { near: { ...near, radiusMetres: RADIUS_METRES } }),
          cursor: pageParam,
          limit: 30,
        },
        { signal },
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    // What was found stays until something else is.
    placeholderData: (before) => before,
    refetchInterval: REFRESH_MS,
  });
}

/** The rooms that one is a member of, the latest joined first. */
export function useOwnRooms() {
  const { parley } = useServices();
  return useInfiniteQuery({
    queryKey: ["account", "rooms"],
    queryFn: ({ pageParam, signal }) =>
      parley.api.account.rooms.query({ cursor: pageParam, limit: 30 }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    refetchInterval: REFRESH_MS,
  });
}

/** How many messages of each room one hasn't read, by the room's id. */
export function useUnread(roomIds: readonly string[]): ReadonlyMap<string, number> {
  const { parley } = useServices();
  const { data } = useQuery({
    queryKey: ["chat", "unread", roomIds],
    queryFn: async ({ signal }) => {
      const counts = new Map<string, number>();
      for (let asked = 0; asked < roomIds.length; asked += UNREAD_ROOMS) {
        const some = roomIds.slice(asked, asked + UNREAD_ROOMS);
        const answer = await parley.api.chat.unread.query({ roomIds: some }, { signal });
        for (const { roomId, unread } of answer) counts.set(roomId, unread);
      }
      return counts;
    },
    enabled: roomIds.length > 0,
    placeholderData: (before) => before,
    refetchInterval: REFRESH_MS,
  });
  return data ?? none;
}

const none: ReadonlyMap<string, number> = new Map();
