import type { RoomEvent } from "../../shared/room.ts";
import type { Api } from "./connection.ts";
import { Emitter, type Observable } from "./emitter.ts";
import { ParleyError, toParleyError } from "./parley-error.ts";
import { reduceRoom, type RoomState } from "./room-state.ts";

export type { RoomState } from "./room-state.ts";

export type RoomEvents = {
  [Type in RoomEvent["type"]]: Extract<RoomEvent, { type: Type }>;
} & {
  /** After each event above: all that is known of the room, a new object each time. */
  state: RoomState;
  /** The room can't be followed any more: it isn't there, or one is no member of it. */
  ended: ParleyError;
};

/** A room, followed as it changes. Whoever follows it is seen in it as present. */
export interface Room extends Observable<RoomEvents> {
  readonly roomId: string;
  /** Absent until the first `snapshot`. */
  readonly state: RoomState | undefined;
  /** Stops following. The membership stays. */
  close(): void;
}

/** The one subscription to a room, however many parts of a program follow it. */
class RoomFeed {
  readonly roomId: string;
  readonly emitter = new Emitter<RoomEvents>();
  readonly #stop: () => void;
  state: RoomState | undefined;
  uses = 0;

  constructor(api: Api, roomId: string, onEnd: () => void) {
    this.roomId = roomId;
    const end = (error: ParleyError) => {
      onEnd();
      this.emitter.emit("ended", error);
    };
    const subscription = api.room.onEvent.subscribe(
      { roomId },
      {
        onData: ({ data }) => this.#apply(data),
        onError: (error) => end(toParleyError(error)),
        onComplete: () => end(new ParleyError("NOT_A_MEMBER", "You are not in this room.")),
      },
    );
    this.#stop = () => subscription.unsubscribe();
  }

  close(): void {
    this.#stop();
  }

  #apply(event: RoomEvent): void {
    const state = reduceRoom(this.state, event);
    this.state = state;
    emitRoomEvent(this.emitter, event);
    if (state) this.emitter.emit("state", state);
  }
}

/** Rooms that are followed. Two followers of one room share a subscription. */
export class Rooms {
  readonly #api: Api;
  readonly #feeds = new Map<string, RoomFeed>();

  constructor(api: Api) {
    this.#api = api;
  }

  open(roomId: string): Room {
    const feed = this.#feeds.get(roomId) ?? this.#follow(roomId);
    feed.uses += 1;
    const closes: (() => void)[] = [];
    let open = true;
    return {
      roomId,
      get state() {
        return feed.state;
      },
      on: (name, listener) => {
        if (!open) return () => undefined;
        const off = feed.emitter.on(name, listener);
        closes.push(off);
        return off;
      },
      close: () => {
        if (!open) return;
        open = false;
        for (const off of closes) off();
        feed.uses -= 1;
        if (feed.uses > 0) return;
        if (this.#feeds.get(roomId) === feed) this.#feeds.delete(roomId);
        feed.close();
      },
    };
  }

  #follow(roomId: string): RoomFeed {
    const feed: RoomFeed = new RoomFeed(this.#api, roomId, () => {
      if (this.#feeds.get(roomId) === feed) this.#feeds.delete(roomId);
    });
    this.#feeds.set(roomId, feed);
    return feed;
  }
}

/** Each event under its own name; a union can't be handed to `emit` whole. */
function emitRoomEvent<Type extends RoomEvent["type"]>(
  emitter: Emitter<{ [Name in Type]: Extract<RoomEvent, { type: Name }> }>,
  event: Extract<RoomEvent, { type: Type }>,
): void {
  emitter.emit(event.type, event);
}
