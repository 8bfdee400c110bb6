import type { RoomPreview } from "../../../../shared/room.ts";
import { type Parley, type ParleyError, toParleyError } from "../../../sdk/index.ts";

/** What opens a room to those who are no members of it. */
export type RoomKey = { password?: string; invite?: string };

export type RoomEntry =
  | { outcome: "inside" }
  /** They waited, and a moderator did not let them in. */
  | { outcome: "turned away" }
  | { outcome: "refused"; error: ParleyError };

type Options = {
  signal: AbortSignal;
  /** Called when a moderator has to let them in. Who comes back to wait isn't told the room. */
  onWaiting: (room: RoomPreview | undefined) => void;
};

/** Goes into a room, and waits at its door where that is needed. Never rejects. */
export async function enterRoom(
  parley: Parley,
  roomId: string,
  key: RoomKey,
  options: Options,
): Promise<RoomEntry> {
  const { signal, onWaiting } = options;
  try {
    const joined = await parley.api.room.join.mutate({ roomId, ...key }, { signal });
    if (joined.status === "joined") return { outcome: "inside" };
    onWaiting(joined.room);
  } catch (thrown) {
    const error = toParleyError(thrown);
    if (!mayBeWaiting(error, key)) return { outcome: "refused", error };
    return await admission(parley, roomId, { ...options, refusal: error });
  }
  return await admission(parley, roomId, { signal, onWaiting: () => undefined });
}

/** Who waits and reloads the page has nothing more that opens the door; they wait all the same. */
function mayBeWaiting({ reason }: ParleyError, { password }: RoomKey): boolean {
  return password === undefined && (reason === "ROOM_NOT_FOUND" || reason === "INVITE_INVALID");
}

/** What becomes of somebody who waits. `refusal` is the outcome when they don't wait at all. */
async function admission(
  parley: Parley,
  roomId: string,
  { signal, onWaiting, refusal }: Options & { refusal?: ParleyError },
): Promise<RoomEntry> {
  let isWaiting = refusal === undefined;
  return await new Promise<RoomEntry>((resolve) => {
    const end = (entry: RoomEntry) => {
      resolve(entry);
      signal.removeEventListener("abort", abort);
      // Completes, too: by then it is settled.
      subscription.unsubscribe();
    };
    const gone = (error?: ParleyError): RoomEntry => {
      if (!isWaiting && refusal) return { outcome: "refused", error: refusal };
      // Decided while the connection was lost.
      const isOver = !error || error.reason === "NOT_WAITING" || error.reason === "ROOM_NOT_FOUND";
      return isOver ? { outcome: "turned away" } : { outcome: "refused", error };
    };
    const abort = () => end({ outcome: "turned away" });
    const subscription = parley.api.room.onAdmission.subscribe(
      { roomId },
      {
        onData: ({ type }) => {
          if (type === "admitted") end({ outcome: "inside" });
          else if (type === "refused") end({ outcome: "turned away" });
          else {
            isWaiting = true;
            onWaiting(undefined);
          }
        },
        onError: (error) => end(gone(toParleyError(error))),
        onComplete: () => end(gone()),
      },
    );
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
}
