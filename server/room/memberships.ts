import { type Bus, defineTopic } from "../bus/bus.ts";
import { follow } from "../bus/follow.ts";

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

  const end = ({ roomId, accountId }: MembershipEnded) => {
    for (const stop of watched.get(name(roomId, accountId)) ?? []) stop();
  };
  await follow(bus, membershipEndedTopic, EVERYWHERE, {
    // It is followed for as long as the bus is open.
    signal: new AbortController().signal,
    onEvent: end,
    // Whose membership it was is not known: everyone comes back and is checked anew.
    onMissed: () => {
      for (const stops of watched.values()) for (const stop of stops) stop();
    },
  });

  return {
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
