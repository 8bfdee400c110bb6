import { type Bus, defineTopic } from "../bus/bus.ts";

type MembershipEnded = { roomId: string; accountId: string };

const membershipEndedTopic = defineTopic<MembershipEnded>("room.membership-ended", {
  retain: 1000,
});

/** Every process hears of every membership that ends: it is what ends subscriptions and calls. */
const EVERYWHERE = "all";

export type Memberships = Awaited<ReturnType<typeof createMemberships>>;

/** Signals that abort when a membership ends, on whichever node that is decided. */
export async function createMemberships(bus: Bus) {
  const watched = new Map<string, Set<() => void>>();
  const name = (roomId: string, accountId: string) => `${roomId} ${accountId}`;

  const { events } = await bus.subscribe(membershipEndedTopic, EVERYWHERE, {
    // It is followed for as long as the bus is open.
    signal: new AbortController().signal,
  });
  const following = (async () => {
    for await (const { event } of events) {
      for (const end of watched.get(name(event.roomId, event.accountId)) ?? []) end();
    }
  })();

  return {
    /** Settles when the bus has closed. */
    following,

    end(roomId: string, accountId: string): void {
      bus.publish(membershipEndedTopic, EVERYWHERE, { roomId, accountId });
    },

    /** Aborts when the membership ends or `signal` aborts, whichever is first. */
    watch(roomId: string, accountId: string, signal: AbortSignal): AbortSignal {
      const controller = new AbortController();
      const key = name(roomId, accountId);
      const ends = watched.get(key) ?? new Set();
      const end = () => {
        signal.removeEventListener("abort", end);
        ends.delete(end);
        if (ends.size === 0 && watched.get(key) === ends) watched.delete(key);
        controller.abort();
      };
      if (signal.aborted) {
        controller.abort();
        return controller.signal;
      }
      watched.set(key, ends.add(end));
      signal.addEventListener("abort", end, { once: true });
      return controller.signal;
    },
  };
}
