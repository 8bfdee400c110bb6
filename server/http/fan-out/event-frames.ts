import { isTrackedEnvelope } from "@trpc/server";
import { textFrame } from "./text-frame.ts";

/** One event on the wire, but for the beginning of the message, which each reader asks for. */
type Prepared = { eventId: string; result: string };

/**
 * Frames of what subscriptions send. An event that many readers get is one object: it is serialised
 * once, and framed once for each distinct `head` among them. So it must not be changed afterwards.
 */
export type EventFrames = {
  /** `head` is a message up to its result. */
  frame(head: string, item: unknown): Buffer;
};

export function createEventFrames(serialise: (data: unknown) => unknown): EventFrames {
  // Keyed by the event, so that it lives as long as whoever keeps the event for readers to come.
  const prepared = new WeakMap<object, Prepared>();
  // Readers are told of an event one after the other: mostly it is the same one again. Its frames are
  // kept no longer than that, since there may be as many as there are readers.
  let last: { data: object; found: Prepared; frames: Map<string, Buffer> } | undefined;

  function prepare(id: string, data: object) {
    if (last?.data === data && last.found.eventId === id) return last;
    let found = prepared.get(data);
    if (found?.eventId !== id) {
      found = { eventId: id, result: toResult({ data: { id, data }, id }) };
      prepared.set(data, found);
    }
    last = { data, found, frames: new Map() };
    return last;
  }

  const toResult = (result: { data: unknown; id?: string }) => {
    const { data, id } = result;
    return JSON.stringify({ type: "data", data: serialise(data), id });
  };

  return {
    frame(head, item) {
      if (!isTrackedEnvelope<unknown>(item)) {
        return textFrame(`${head}${toResult({ data: item })}}`);
      }
      const [id, data] = item;
      if (typeof data !== "object" || data === null) {
        return textFrame(`${head}${toResult({ data: { id, data }, id })}}`);
      }
      const { found, frames } = prepare(id, data);
      let frame = frames.get(head);
      if (!frame) {
        frame = textFrame(`${head}${found.result}}`);
        frames.set(head, frame);
      }
      return frame;
    },
  };
}
