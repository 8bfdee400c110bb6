import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import type { Page } from "../../../../shared/page.ts";
import type { RoomEvent } from "../../../../shared/room.ts";
import type { Api } from "../../../sdk/index.ts";
import { useServices } from "../../services.ts";
import { useVisit } from "./use-visit.ts";

type ListInput = { roomId: string; cursor: string | undefined; limit: number };
type ListOptions<Item> = {
  name: string;
  fetch: (api: Api, input: ListInput, signal: AbortSignal) => Promise<Page<Item>>;
  /** After these the list is another one. */
  changedBy: readonly RoomEvent["type"][];
  isEnabled: boolean;
};

/** A list that moderators ask for, asked for anew whenever an event says that it has changed. */
export function useRoomList<Item>({ name, fetch, changedBy, isEnabled }: ListOptions<Item>) {
  const { parley } = useServices();
  const { roomId } = useVisit();
  const queries = useQueryClient();
  const list = useInfiniteQuery({
    queryKey: ["room", roomId, name],
    queryFn: ({ pageParam, signal }) =>
      fetch(parley.api, { roomId, cursor: pageParam, limit: 50 }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.nextCursor,
    enabled: isEnabled,
  });
  const events = changedBy.join(" ");
  useEffect(() => {
    if (!isEnabled) return undefined;
    const room = parley.room(roomId);
    const refresh = () => void queries.invalidateQueries({ queryKey: ["room", roomId, name] });
    // A snapshot comes where events may have been missed.
    for (const type of ["snapshot", ...changedBy] as const) room.on(type, refresh);
    return () => room.close();
    // `changedBy` is another array each time, with the same events.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [parley, queries, roomId, name, isEnabled, events]);
  return {
    items: isEnabled ? list.data?.pages.flatMap(({ items }) => items) : undefined,
    error: list.error,
    more: list.hasNextPage ? () => void list.fetchNextPage() : undefined,
    isLoadingMore: list.isFetchingNextPage,
  };
}
