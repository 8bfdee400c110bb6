import { isTRPCClientError } from "@trpc/client";
import { z } from "zod";
import { isReason, type Reason } from "../../shared/reason.ts";

/** Why something failed: what the server says, or what only a client can meet. */
export type ParleyErrorReason =
  | Reason
  /** The person or the browser's settings refused the microphone. */
  | "MICROPHONE_DENIED"
  | "MICROPHONE_MISSING"
  /** Another program holds it, or the system does not give it. */
  | "MICROPHONE_BUSY"
  /** The server can't be reached. */
  | "CONNECTION_LOST"
  /** No WebRTC, or a page that was not served over HTTPS. */
  | "BROWSER_UNSUPPORTED"
  /** The browser plays no sound before the person has touched the page: `call.resumePlayback()`. */
  | "PLAYBACK_BLOCKED"
  /** The call was taken over by another page or device of the same person. */
  | "CALL_REPLACED"
  /** The person is no member of the room any more. */
  | "CALL_REMOVED"
  /** The call has ended, so nothing can be done in it any more. */
  | "CALL_ENDED";

/** What every function of the SDK fails with. A screen turns `reason` into a sentence. */
export class ParleyError extends Error {
  readonly reason: ParleyErrorReason;
  /** When the same may succeed, if the server said so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    reason: ParleyErrorReason,
    message: string,
    options: { cause?: unknown; retryAfterSeconds?: number | undefined } = {},
  ) {
    super(message, options);
    this.name = "ParleyError";
    this.reason = reason;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** Whether the same request may succeed later without anybody doing anything about it. */
  get retryable(): boolean {
    return retryable.has(this.reason);
  }
}

const errorDataSchema = z.object({
  reason: z.custom<Reason>(isReason),
  retryAfterSeconds: z.number().optional(),
});

const retryable = new Set<ParleyErrorReason>([
  "CONNECTION_LOST",
  "FELL_BEHIND",
  "SERVER_CLOSING",
  "DATABASE_UNAVAILABLE",
  "MEDIA_UNAVAILABLE",
  "TOO_MANY_REQUESTS",
  "INTERNAL",
]);

/** Makes a ParleyError of whatever was thrown, by the SDK, by `parley.api` or by the browser. */
export function toParleyError(thrown: unknown): ParleyError {
  if (thrown instanceof ParleyError) return thrown;
  if (isTRPCClientError(thrown)) return ofRequest(thrown);
  if (thrown instanceof Error && thrown.name === "UnsupportedError") {
    return new ParleyError("BROWSER_UNSUPPORTED", "This browser can't take part in calls.", {
      cause: thrown,
    });
  }
  const message = thrown instanceof Error ? thrown.message : "Something went wrong.";
  return new ParleyError("INTERNAL", message, { cause: thrown });
}

function ofRequest(error: Error & { data?: unknown }): ParleyError {
  const { cause, data } = error;
  if (cause instanceof ParleyError) return cause;
  const known = errorDataSchema.safeParse(data);
  if (known.success) {
    const { reason, retryAfterSeconds } = known.data;
    return new ParleyError(reason, error.message, { cause: error, retryAfterSeconds });
  }
  // The server gives every error of its own a reason, so this is none: it did not answer, or
  // something between here and there did.
  return unreachable(error);
}

const refusalSchema = z.object({
  error: z.object({ message: z.string(), data: errorDataSchema }),
});

/** Makes a ParleyError of the body of an answer to a plain HTTP request. */
export function refusalOf(text: string): ParleyError {
  try {
    const { message, data } = refusalSchema.parse(JSON.parse(text)).error;
    const { reason, retryAfterSeconds } = data;
    return new ParleyError(reason, message, { retryAfterSeconds });
  } catch (error) {
    // The server gives every error a reason: something between here and there has answered.
    return unreachable(error);
  }
}

export function unreachable(cause?: unknown): ParleyError {
  return new ParleyError("CONNECTION_LOST", "The server can't be reached.", { cause });
}
