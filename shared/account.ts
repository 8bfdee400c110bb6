import { z } from "zod";
import { languageSchema, type LanguageTag } from "./language.ts";

/** What people call themselves: trimmed, one line, without control or bidi-override characters. */
export const nameSchema = z
  .string()
  .max(256)
  .transform((text, context) => {
    const name = text
      .normalize("NFC")
      .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, " ")
      .replace(/\s+/gu, " ")
      .trim();
    if (name === "") {
      context.addIssue({
        code: "custom",
        message: "a name is needed",
        params: { reason: "NAME_EMPTY" },
      });
      return z.NEVER;
    }
    if (Array.from(name).length > 64) {
      context.addIssue({ code: "custom", message: "a name has 64 characters at most" });
      return z.NEVER;
    }
    return name;
  });

export const guestInputSchema = z.object({ name: nameSchema, language: languageSchema });
export const setLanguageInputSchema = z.object({ language: languageSchema });

export type Account = {
  id: string;
  name: string;
  /** What the person speaks and, unless they choose otherwise, hears and reads. */
  language: LanguageTag;
  guest: boolean;
  createdAt: string;
};

/** `token` authorises like the cookie does: `Authorization: Bearer` and socket credentials. */
export type SignedIn = { account: Account; token: string; expiresAt: string };
