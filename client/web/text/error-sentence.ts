import type { TFunction } from "i18next";
import { CAPTION_LIMIT } from "../../../shared/caption.ts";
import { MESSAGE_LIMIT } from "../../../shared/chat.ts";
import { toParleyError } from "../../sdk/index.ts";

/** What happened and what to do, in the person's language. Takes whatever was thrown. */
export function errorSentence(t: TFunction, thrown: unknown): string {
  const { reason, retryAfterSeconds: count } = toParleyError(thrown);
  if (count !== undefined) return t("app.tooOften", { count });
  const limit = reason === "CAPTION_TOO_LONG" ? CAPTION_LIMIT : MESSAGE_LIMIT;
  return t(`errors.${reason}`, { limit });
}
