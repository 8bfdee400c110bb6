/** A kind of event, and how many of them each key keeps for readers who were away. */
export type Topic<Event> = {
  readonly name: string;
  /** Events a key keeps; also how many a reader may fall behind. */
  readonly retain: number;
  /** Never there: it carries the type. */
  readonly event?: Event;
};

export function defineTopic<Event>(name: string, options: { retain: number }): Topic<Event> {
  return { name, retain: options.retain };
}

/** `id` is opaque, and resumes a subscription after this event. One object serves all readers. */
export type Delivered<Event> = { readonly id: string; readonly event: Event };

/**
 * Ends when the signal aborts or the bus closes. Fails with FELL_BEHIND for a reader that events were
 * dropped for: it may come back with the last id it has.
 */
export type Events<Event> = AsyncIterable<Delivered<Event>> & {
  /**
   * Calls `listener` with each event at the moment that it is published, without a promise between:
   * for what has many readers. While the listener gives a promise, events wait. Settles at the end.
   */
  each(listener: (delivered: Delivered<Event>) => void | Promise<void>): Promise<void>;
};

export type Subscription<Event> = {
  /**
   * Whether `lastEventId` was known, so that nothing is missing between it and the first event.
   * False without one, and for one that is too old, from before a restart, or followed by something
   * that is not from after `since`.
   */
  resumed: boolean;
  /** Stands for the moment of subscribing: resuming from it gives every event after it. */
  position: string;
  events: Events<Event>;
};

export type PublishOptions = {
  /** This event supersedes an earlier one of its key with the same `replaces`, wherever it waits. */
  replaces?: string;
};

export type SubscribeOptions = {
  lastEventId?: string | null | undefined;
  /** In milliseconds since 1970. What was published until then is nothing that may be resumed. */
  since?: number | undefined;
  signal: AbortSignal;
};

/** Where a reader goes on. */
export type Resumption = Pick<SubscribeOptions, "lastEventId" | "since">;

/** Events between parts of the server that don't know each other, in order per topic and key. */
export type Bus = {
  publish<Event>(topic: Topic<Event>, key: string, event: Event, options?: PublishOptions): void;
  /** Once it resolves, no later event of the key is missed. */
  subscribe<Event>(
    topic: Topic<Event>,
    key: string,
    options: SubscribeOptions,
  ): Promise<Subscription<Event>>;
  /** Nobody who comes back is told those events any more. Gives them, each with its key. */
  forget<Event>(
    topic: Topic<Event>,
    which: (event: Event) => boolean,
  ): readonly { key: string; event: Event }[];
  /** Ends every subscription. */
  close(): Promise<void>;
};
