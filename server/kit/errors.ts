import { reasons, type Reason } from "../../shared/reason.ts";

/** A failure that the caller can understand: `reason` is stable, `message` a sentence. */
export class AppError extends Error {
  readonly reason: Reason;
  /** When the same may succeed, if that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    reason: Reason,
    message: string,
    options: { cause?: unknown; retryAfterSeconds?: number } = {},
  ) {
    super(message, options);
    this.name = "AppError";
    this.reason = reason;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The tRPC code that the reason travels under. */
  get code() {
    return reasons[this.reason];
  }
}
