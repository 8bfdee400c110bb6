import type { TRPCError } from "@trpc/server";
import { z } from "zod";
import { isReason, type Reason } from "../../shared/reason.ts";
import { AppError } from "./errors.ts";

/** An error as the client is told of it: nothing of the program's inside, nothing of what was sent. */
export type ErrorDescription = {
  reason: Reason;
  message: string;
  retryAfterSeconds?: number | undefined;
};

const internal: ErrorDescription = {
  reason: "INTERNAL",
  message: "Something went wrong on the server. Please try again.",
};

/** What tRPC itself throws, by its code. */
const transportErrors: Partial<Record<TRPCError["code"], ErrorDescription>> = {
  PARSE_ERROR: { reason: "INPUT_INVALID", message: "The request is not valid JSON." },
  BAD_REQUEST: { reason: "INPUT_INVALID", message: "The request is not valid." },
  UNPROCESSABLE_CONTENT: { reason: "INPUT_INVALID", message: "The request is not valid." },
  UNSUPPORTED_MEDIA_TYPE: {
    reason: "INPUT_INVALID",
    message: "The request must be of the content type application/json.",
  },
  NOT_FOUND: { reason: "PROCEDURE_NOT_FOUND", message: "There is no such procedure." },
  METHOD_NOT_SUPPORTED: {
    reason: "METHOD_NOT_SUPPORTED",
    message: "This procedure is called in another way.",
  },
  PAYLOAD_TOO_LARGE: { reason: "PAYLOAD_TOO_LARGE", message: "The request is too large." },
  CLIENT_CLOSED_REQUEST: { reason: "CLIENT_CLOSED_REQUEST", message: "The request was cancelled." },
  TOO_MANY_REQUESTS: { reason: "TOO_MANY_REQUESTS", message: "Too many requests at once." },
};

/** Maps whatever a procedure, or tRPC around it, threw to what the client may know. */
export function describeError(error: TRPCError): ErrorDescription {
  const { cause } = error;
  if (cause instanceof AppError) {
    const { reason, message, retryAfterSeconds } = cause;
    return { reason, message, retryAfterSeconds };
  }
  if (cause instanceof z.ZodError) return describeInput(cause);
  // A TRPCError made around something else that was thrown says what that says.
  if (error.code === "INTERNAL_SERVER_ERROR") return internal;
  return transportErrors[error.code] ?? internal;
}

function describeInput(error: z.ZodError): ErrorDescription {
  const issue = error.issues[0];
  if (!issue) return { reason: "INPUT_INVALID", message: "The input is not valid." };
  const field = issue.path.join(".");
  const message = `${field === "" ? "The input" : `"${field}"`} is not valid: ${issue.message}.`;
  const reason = issue.code === "custom" ? issue.params?.["reason"] : undefined;
  return { reason: isReason(reason) ? reason : "INPUT_INVALID", message };
}
