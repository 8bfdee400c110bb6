import { z } from "zod";
import { languageSchema, type LanguageTag } from "./language.ts";
import { nameSchema } from "./name.ts";
import { idSchema } from "./page.ts";

/** An e-mail address, in lower case: two spellings of one are one account. */
export const emailSchema = z
  .string()
  .max(320)
  .transform((text, context) => {
    const email = z.email().max(254).safeParse(text.trim().toLowerCase());
    if (email.success) return email.data;
    context.addIssue({
      code: "custom",
      message: "not an e-mail address",
      params: { reason: "EMAIL_INVALID" },
    });
    return z.NEVER;
  });

export const PASSWORD_CHARACTERS = { least: 8, most: 256 } as const;

/** A password that somebody chooses. The server refuses the most common ones besides. */
export const newPasswordSchema = z
  .string()
  .max(1024)
  .refine(
    (password) => {
      const { length } = Array.from(password);
      return length >= PASSWORD_CHARACTERS.least && length <= PASSWORD_CHARACTERS.most;
    },
    {
      message: "a password has 8 to 256 characters",
      params: { reason: "PASSWORD_WEAK" },
    },
  );

/** A password that somebody has: one of the old server may be shorter than a new one. */
export const passwordSchema = z.string().min(1).max(1024);

const secretSchema = z.string().min(1).max(256);

export const guestInputSchema = z.object({ name: nameSchema, language: languageSchema });
export const registerInputSchema = z.object({
  email: emailSchema,
  password: newPasswordSchema,
  name: nameSchema,
  language: languageSchema,
});
export const loginInputSchema = z.object({ email: emailSchema, password: passwordSchema });
export const upgradeInputSchema = z.object({ email: emailSchema, password: newPasswordSchema });
export const revokeSessionInputSchema = z.object({ sessionId: idSchema });
export const renameInputSchema = z.object({ name: nameSchema });
/** `currentPassword` is left out by those who have none yet, as after signing in by Google. */
export const changePasswordInputSchema = z.object({
  currentPassword: passwordSchema.optional(),
  newPassword: newPasswordSchema,
});
export const setLanguageInputSchema = z.object({ language: languageSchema });
/** Who has a password says it. */
export const removeAccountInputSchema = z
  .object({ password: passwordSchema.optional() })
  .optional();
/** `null` takes the picture away. */
export const setAvatarInputSchema = z.object({ uploadId: idSchema.nullable() });
export const verifyEmailInputSchema = z.object({ token: secretSchema });
export const requestPasswordResetInputSchema = z.object({ email: emailSchema });
export const resetPasswordInputSchema = z.object({
  token: secretSchema,
  password: newPasswordSchema,
});

const volumeSchema = z.number().min(0).max(1);
/** Of somebody who is being interpreted, and of their interpreter. */
export const defaultVolumes = { originalVolume: 0.2, interpreterVolume: 1 };

export const captionSizes = ["small", "medium", "large", "huge"] as const;

/** How a person wants conversations, on whichever device they sign in. */
export const preferencesSchema = z.object({
  /** What is not there follows the account's language. `null`: originals only. */
  languages: z
    .object({
      speak: languageSchema.optional(),
      hear: languageSchema.nullish(),
      read: languageSchema.nullish(),
    })
    .default({}),
  /** Volumes are from 0 to 1. */
  voice: z
    .object({
      /** Of somebody who is being interpreted. */
      originalVolume: volumeSchema.default(defaultVolumes.originalVolume),
      interpreterVolume: volumeSchema.default(defaultVolumes.interpreterVolume),
    })
    .default(defaultVolumes),
  captions: z
    .object({
      size: z.enum(captionSizes).default("medium"),
      /** The original beside the translation. */
      original: z.boolean().default(true),
    })
    .default({ size: "medium", original: true }),
});
export type Preferences = z.infer<typeof preferencesSchema>;

/** Each part that is given takes the place of that part; the others stay. */
export const setPreferencesInputSchema = z.object({
  languages: preferencesSchema.shape.languages.unwrap().optional(),
  voice: preferencesSchema.shape.voice.unwrap().optional(),
  captions: preferencesSchema.shape.captions.unwrap().optional(),
});

/** An account as others may see it. */
export type Account = {
  id: string;
  name: string;
  /** What the person speaks and, unless they choose otherwise, hears and reads. */
  language: LanguageTag;
  guest: boolean;
  createdAt: string;
  /** Where their picture is, if they have one. */
  avatarUrl?: string;
};

/** An account as its owner sees it. */
export type OwnAccount = Account & {
  /** Absent for guests. Nobody else is shown it. */
  email?: string;
  /** Whether the owner has shown that the address is theirs. */
  emailVerified: boolean;
  hasPassword: boolean;
  preferences: Preferences;
};

/** `token` authorises like the cookie does: `Authorization: Bearer` and socket credentials. */
export type SignedIn = { account: OwnAccount; token: string; expiresAt: string };

/** A token for requests and sockets that lasts for minutes, whatever becomes of it. */
export type AccessToken = {
  token: string;
  expiresAt: string;
  /** For clients whose clock is wrong. */
  lifetimeSeconds: number;
};

export type AccountSession = {
  id: string;
  /** What the browser or program called itself, shortened. Absent when it said nothing. */
  device?: string;
  createdAt: string;
  /** To within a minute. */
  lastSeenAt: string;
  /** Whether it is the one that asks. */
  current: boolean;
};

/** Ways of signing in besides a name, or an address and a password; and what mail can do. */
export type AccountProviders = { google: boolean; mail: "sent" | "shown" | "unavailable" };

/** What a server under development has written to its folder instead of sending it. */
export type DevelopmentMail = { to: string; subject: string; text: string; writtenAt: string };
