import { reasons, type Reason } from "../../shared/reason.ts";

/** A failure that the caller can understand: `reason` is stable, `message` a sentence. */
export class AppError extends Error {
  readonly reason: Reason;

  constructor(reason: Reason, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "AppError";
    this.reason = reason;
  }

  /** The tRPC code that the reason travels under. */
  get code() {
    return reasons[this.reason];
  }
}
