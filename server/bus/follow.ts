import { AppError } from "../kit/errors.ts";
import type { Bus, Topic } from "./bus.ts";

export type FollowOptions<Event> = {
  signal: AbortSignal;
  /** Called at the moment of publishing: whatever is published next finds it done. */
  onEvent: (event: Event) => void;
  /** Events were missed, nobody knows which: called before following goes on. */
  onMissed: () => void;
};

/** Follows a key for good. Once it resolves, no later event is missed without `onMissed`. */
export async function follow<Event>(
  bus: Bus,
  topic: Topic<Event>,
  key: string,
  { signal, onEvent, onMissed }: FollowOptions<Event>,
): Promise<void> {
  let subscription = await bus.subscribe(topic, key, { signal });
  void (async () => {
    for (;;) {
      try {
        await subscription.events.each(({ event }) => onEvent(event));
        return;
      } catch (error) {
        if (!(error instanceof AppError) || error.reason !== "FELL_BEHIND") throw error;
        subscription = await bus.subscribe(topic, key, { signal });
        onMissed();
      }
    }
  })();
}
