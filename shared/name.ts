import { z } from "zod";

/** Those in whose words a character of its own joins two letters, or keeps them apart. */
const joiningScripts =
  "Arab Beng Deva Gujr Guru Khmr Knda Mlym Mong Mymr Nkoo Orya Sinh Syrc Taml Telu".split(" ");
const joiningScript = joiningScripts.map((script) => String.raw`\p{scx=${script}}`).join("");
const joining = String.raw`[[\p{L}\p{M}]&&[${joiningScript}]]`;

/**
 * What is not seen and has no place in a name, and first, as `kept`, what would be taken for it: the
 * joiners within such words, and within an emoji that is made of several.
 */
const unseen = new RegExp(
  String.raw`(?<kept>\p{RGI_Emoji}|(?<=${joining})[\u200C\u200D](?=${joining}))|[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]`,
  "gv",
);

/**
 * What people and rooms are called: trimmed, one line, 1 to 64 characters, without control or
 * bidi-override characters. Empty is NAME_EMPTY.
 */
export const nameSchema = z
  .string()
  .max(256)
  .transform((text, context) => {
    const name = text
      .normalize("NFC")
      .replace(unseen, (_, kept?: string) => kept ?? " ")
      .replace(/\s+/gu, " ")
      .trim();
    // Some letters are invisible, too.
    if (/^[ \p{Default_Ignorable_Code_Point}]*$/u.test(name)) {
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
