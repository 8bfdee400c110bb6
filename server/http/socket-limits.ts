import { jsonEncoder, type Encoder } from "@trpc/server/adapters/ws";
import { type WebSocket } from "ws";
import { z } from "zod";
import { errorShape } from "../kit/procedures.ts";

export type SocketLimits = {
  /** Bytes of one frame; a longer one closes the socket with 1009. */
  frameBytes: number;
  /** Without credentials that open a session, a socket closes after this. */
  credentialsMs: number;
  subscriptions: number;
  /** A reader that leaves more than this unread is disconnected, and may come back. */
  unreadBytes: number;
};

export const socketLimits: SocketLimits = {
  frameBytes: 64 * 1024,
  credentialsMs: 5000,
  subscriptions: 64,
  unreadBytes: 1024 * 1024,
};

const idSchema = z.union([z.string(), z.number()]);
const openingSchema = z.object({ id: idSchema, method: z.literal("subscription") });
const closingSchema = z.union([
  z.object({ id: idSchema, error: z.unknown() }).transform(({ id }) => id),
  z
    .object({ id: idSchema, result: z.object({ type: z.literal("stopped") }) })
    .transform(({ id }) => id),
]);

/** Reads and writes one socket's frames, and sees to its limits while it does. */
export function createLimitedEncoder(socket: WebSocket, limits: SocketLimits): Encoder {
  const subscriptions = new Set<string | number>();

  /** Whether the message may pass. A subscription too many is answered here. */
  function admit(message: unknown): boolean {
    const opening = openingSchema.safeParse(message);
    if (!opening.success) return true;
    const { id } = opening.data;
    if (subscriptions.size < limits.subscriptions || subscriptions.has(id)) {
      subscriptions.add(id);
      return true;
    }
    const error = errorShape({
      reason: "TOO_MANY_REQUESTS",
      message: `A connection has ${limits.subscriptions} subscriptions at most.`,
    });
    socket.send(JSON.stringify({ id, error }));
    return false;
  }

  return {
    decode(data) {
      const decoded = jsonEncoder.decode(data);
      if (Array.isArray(decoded)) return decoded.filter(admit);
      return admit(decoded) ? decoded : [];
    },
    encode(message) {
      if (socket.bufferedAmount > limits.unreadBytes) socket.terminate();
      if (!isEvent(message)) {
        const closing = closingSchema.safeParse(message);
        if (closing.success) subscriptions.delete(closing.data);
      }
      return jsonEncoder.encode(message);
    },
  };
}

/** What is sent most by far, told apart without a schema. */
function isEvent(message: unknown): boolean {
  if (typeof message !== "object" || message === null || !("result" in message)) return false;
  const { result } = message;
  return typeof result === "object" && result !== null && "data" in result;
}
