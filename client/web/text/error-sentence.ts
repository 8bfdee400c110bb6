import type { TFunction } from "i18next";
import { CAPTION_LIMIT } from "../../../shared/caption.ts";
import { MESSAGE_LIMIT } from "../../../shared/chat.ts";
import { toParleyError } from "../../sdk/index.ts";

/** What happened and what to do, in the person's language. Takes whatever was thrown. */
export function errorSentence(t: TFunction, thrown: unknown): string {
  const { reason, retryAfterSeconds: count } = toParleyError(thrown);
  if (reason === "TOO_MANY_REQUESTS" && count !== undefined) return t("app.tooOften", { count });
  if (reason === "REMOVED_FROM_ROOM" && count !== undefined) {
    return t("app.removedFor", { count: Math.ceil(count / 60) });
  }
  const limit = reason === "CAPTION_TOO_LONG" ? CAPTION_LIMIT : MESSAGE_LIMIT;
  return t(`errors.${reason}`, { limit });
}
