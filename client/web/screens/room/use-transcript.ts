import { useEffect, useState, useSyncExternalStore } from "react";
import { useServices } from "../../services.ts";
import { TranscriptFeed, type TranscriptState } from "./transcript-feed.ts";
import { useVisit, useVisitState } from "./use-visit.ts";

/** What was said before, for as long as the component that calls this is shown. */
export function useTranscript(): TranscriptFeed {
  const { parley } = useServices();
  const visit = useVisit();
  const [feed] = useState(() => new TranscriptFeed(parley.transcript(visit.roomId), visit));
  const begun = useVisitState((state) => state.captionsBegun);
  useEffect(() => {
    feed.open();
    return () => feed.close();
  }, [feed]);
  // At the start, also where there is no call; and again whenever live captions have begun.
  // oxlint-disable-next-line react/exhaustive-effect-dependencies
  useEffect(() => void feed.begin(), [feed, begun]);
  return feed;
}

export function useTranscriptState(feed: TranscriptFeed): TranscriptState {
  return useSyncExternalStore(feed.subscribe, () => feed.state);
}
