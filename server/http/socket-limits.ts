import { jsonEncoder, type Encoder } from "@trpc/server/adapters/ws";
import { type WebSocket } from "ws";
import { z } from "zod";
import { type ErrorDescription } from "../kit/describe-error.ts";
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
const requestSchema = z.object({
  id: idSchema,
  method: z.enum(["query", "mutation", "subscription"]),
});
const closingSchema = z.union([
  z.object({ id: idSchema, error: z.unknown() }).transform(({ id }) => id),
  z
    .object({ id: idSchema, result: z.object({ type: z.literal("stopped") }) })
    .transform(({ id }) => id),
]);

/** Reads and writes one socket's frames, and sees to its limits while it does. */
export function createLimitedEncoder(socket: WebSocket, limits: SocketLimits): Encoder {
  const subscriptions = new Set<string | number>();

  /** Whether the message may pass. What may not is answered here. */
  function admit(message: unknown): boolean {
    const request = requestSchema.safeParse(message);
    if (!request.success) return true;
    const { id, method } = request.data;
    // An answer to a second one would be taken for the end of the subscription of that id.
    if (subscriptions.has(id)) {
      return refuse(id, { reason: "INPUT_INVALID", message: "A subscription has this id." });
    }
    if (method !== "subscription") return true;
    if (subscriptions.size >= limits.subscriptions) {
      const message = `A connection has ${limits.subscriptions} subscriptions at most.`;
      return refuse(id, { reason: "TOO_MANY_REQUESTS", message });
    }
    subscriptions.add(id);
    return true;
  }

  function refuse(id: string | number, description: ErrorDescription): false {
    socket.send(JSON.stringify({ id, error: errorShape(description) }));
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
