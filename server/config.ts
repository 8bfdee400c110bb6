import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { IceServer } from "../shared/call.ts";
import type { DatabaseLocation } from "./database/open-database.ts";
import type { S3Settings } from "./storage/s3-storage.ts";
import { uploadLimits, type UploadLimits } from "./upload/upload-limits.ts";

const portSchema = z.coerce.number<string>().int().min(0).max(65_535);

/** A number of bytes, or of anything else that the tables of the database hold as one. */
const bytesSchema = z.coerce
  .number<string | number>()
  .int()
  .min(1)
  .max(2 ** 31 - 1);

const list = (text: string) =>
  text
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

const proxySchema = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], {
  error: "not an address or a network such as 10.0.0.0/8",
});

const originSchema = z.string().transform((text, context) => {
  const url = URL.parse(text);
  if (url && /^https?:$/u.test(url.protocol) && url.pathname === "/" && url.search === "") {
    return url.origin;
  }
  context.addIssue({ code: "custom", message: "not an origin such as https://example.org" });
  return z.NEVER;
});

const s3Names = [
  "S3_ENDPOINT",
  "S3_BUCKET",
  "S3_REGION",
  "S3_ACCESS_KEY_ID",
  "S3_SECRET_ACCESS_KEY",
] as const;

const environmentSchema = z
  .object({
    NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
    LOG_LEVEL: z
      .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
      .default("info"),
    /** 0 takes any free one. */
    PORT: portSchema.default(3000),
    HOST: z.string().min(1).default("127.0.0.1"),
    DATA_DIR: z.string().min(1).default("./data"),
    DATABASE_URL: z
      .url({ protocol: /^postgres(ql)?$/u, error: "not an address such as postgres://host/name" })
      .optional(),
    /** Where browsers find this server, when something stands in front of it. */
    PUBLIC_URL: originSchema.optional(),
    /** Other origins whose pages may use this server, separated by commas. */
    CORS_ORIGINS: z.string().transform(list).pipe(z.array(originSchema)).default([]),
    /** Addresses or networks of proxies in front, separated by commas: they say who really calls. */
    TRUSTED_PROXIES: z.string().transform(list).pipe(z.array(proxySchema)).default([]),
    /** What several nodes share: limits. */
    REDIS_URL: z
      .url({ protocol: /^rediss?$/u, error: "not an address such as redis://host:6379" })
      .optional(),
    /** What signs access tokens. Without it this server keeps a key of its own under DATA_DIR. */
    ACCESS_TOKEN_SECRET: z.string().min(32, "at least 32 characters, made at random").optional(),
    /** Where mail goes out, such as `smtps://user:password@mail.example.org`. */
    SMTP_URL: z
      .url({ protocol: /^smtps?$/u, error: "not an address such as smtp://mail.example.org:587" })
      .optional(),
    /** Whom mail is from: an address, perhaps with a name before it. */
    MAIL_FROM: z
      .string()
      .regex(/^([^<>\r\n]+<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/u, "not an address")
      .default("Parley <parley@localhost>"),
    /** What this server is at Google, whose users may sign in then. */
    GOOGLE_CLIENT_ID: z.string().min(1).optional(),
    GOOGLE_CLIENT_SECRET: z.string().min(1).optional(),
    /** Another provider that speaks OpenID Connect. */
    GOOGLE_ISSUER: z
      .url({ protocol: /^https?$/u, error: "not an address such as https://accounts.google.com" })
      .default("https://accounts.google.com"),
    /** Multiplies every limit on how often something may be called. */
    RATE_LIMIT_SCALE: z.coerce.number<string>().positive().max(1e6).default(1),
    /** The first port of media, UDP and TCP. Each media worker takes one from here upward. */
    RTC_PORT: portSchema.default(40_000),
    /** The address that clients reach this machine's media at. */
    RTC_ANNOUNCED_ADDRESS: z.string().min(1).optional(),
    RTC_WORKERS: z.coerce.number<string>().int().min(1).max(256).optional(),
    TURN_URLS: z
      .string()
      .transform(list)
      .pipe(z.array(z.string().regex(/^(turns?|stuns?):\S+$/u, "not a turn: or stun: address")))
      .default([]),
    TURN_USERNAME: z.string().min(1).optional(),
    TURN_CREDENTIAL: z.string().min(1).optional(),
    /** Bytes that the files of an account, and of a guest, may take. */
    UPLOAD_QUOTA_BYTES: bytesSchema.default(uploadLimits.quota.registered),
    UPLOAD_GUEST_QUOTA_BYTES: bytesSchema.default(uploadLimits.quota.guest),
    /** Bytes of one file, as it is sent. */
    UPLOAD_AVATAR_BYTES: bytesSchema.default(uploadLimits.bytes.avatar),
    UPLOAD_PHOTO_BYTES: bytesSchema.default(uploadLimits.bytes["room-photo"]),
    UPLOAD_AUDIO_BYTES: bytesSchema.default(uploadLimits.bytes["room-audio"]),
    UPLOAD_VOICE_BYTES: bytesSchema.default(uploadLimits.bytes["voice-reference"]),
    UPLOAD_IMAGE_PIXELS: bytesSchema.default(uploadLimits.pixels),
    UPLOAD_AUDIO_SECONDS: bytesSchema.default(uploadLimits.seconds["room-audio"]),
    UPLOAD_VOICE_SECONDS: bytesSchema.default(uploadLimits.seconds["voice-reference"]),
    /** Where files are kept instead of in DATA_DIR: all five or none. */
    S3_ENDPOINT: z
      .url({ protocol: /^https?$/u, error: "not an address such as https://s3.example.org" })
      .optional(),
    S3_BUCKET: z.string().min(1).optional(),
    S3_REGION: z.string().min(1).optional(),
    S3_ACCESS_KEY_ID: z.string().min(1).optional(),
    S3_SECRET_ACCESS_KEY: z.string().min(1).optional(),
  })
  .refine((environment) => !environment.TURN_USERNAME === !environment.TURN_CREDENTIAL, {
    path: ["TURN_CREDENTIAL"],
    message: "TURN_USERNAME and TURN_CREDENTIAL are given together",
  })
  .refine((environment) => !environment.GOOGLE_CLIENT_ID === !environment.GOOGLE_CLIENT_SECRET, {
    path: ["GOOGLE_CLIENT_SECRET"],
    message: "GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET are given together",
  })
  .refine(({ SMTP_URL, MAIL_FROM }) => !SMTP_URL || !MAIL_FROM.includes("@localhost"), {
    path: ["MAIL_FROM"],
    message: "SMTP_URL needs a MAIL_FROM, such as Parley <parley@example.org>",
  })
  .superRefine((environment, context) => {
    const missing = s3Names.filter((name) => environment[name] === undefined);
    if (missing.length === 0 || missing.length === s3Names.length) return;
    for (const name of missing) {
      context.addIssue({ code: "custom", path: [name], message: "needed with the other S3_ ones" });
    }
  });

export type Config = ReturnType<typeof readConfig>;

/** Reads the settings once. Throws one message that names every fault, without the values. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>) {
  // `PORT= npm start` means the default, as if nothing had been said.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      ({ path, message }) => `  ${path[0]?.toString()}: ${message}`,
    );
    throw new Error(`These settings are not valid:\n${faults.join("\n")}`);
  }
  const settings = parsed.data;
  const database: DatabaseLocation = settings.DATABASE_URL
    ? { postgresUrl: settings.DATABASE_URL }
    : { sqliteFile: join(settings.DATA_DIR, "parley.db") };
  return Object.freeze({
    production: settings.NODE_ENV === "production",
    logLevel: settings.LOG_LEVEL,
    port: settings.PORT,
    host: settings.HOST,
    dataDirectory: settings.DATA_DIR,
    database,
    publicUrl: settings.PUBLIC_URL,
    /** Origins whose pages may call this server, besides those that it serves itself. */
    allowedOrigins: Object.freeze([
      ...settings.CORS_ORIGINS,
      ...(settings.PUBLIC_URL ? [settings.PUBLIC_URL] : []),
    ]),
    trustedProxies: Object.freeze(settings.TRUSTED_PROXIES),
    redisUrl: settings.REDIS_URL,
    accessTokenSecret: settings.ACCESS_TOKEN_SECRET,
    google: google(settings),
    mail: Object.freeze({ smtpUrl: settings.SMTP_URL, from: settings.MAIL_FROM }),
    rateLimitScale: settings.RATE_LIMIT_SCALE,
    rtc: Object.freeze({
      port: settings.RTC_PORT,
      announcedAddress: settings.RTC_ANNOUNCED_ADDRESS,
      workers: settings.RTC_WORKERS ?? availableParallelism(),
    }),
    iceServers: Object.freeze(iceServers(settings)),
    uploads: Object.freeze(uploadLimitsOf(settings)),
    /** Absent when files are kept in `dataDirectory`. */
    s3: s3Settings(settings),
  });
}

function iceServers(settings: z.infer<typeof environmentSchema>): IceServer[] {
  const { TURN_URLS: urls, TURN_USERNAME: username, TURN_CREDENTIAL: credential } = settings;
  return urls.length === 0 ? [] : [{ urls, username, credential }];
}

function uploadLimitsOf(settings: z.infer<typeof environmentSchema>): UploadLimits {
  return {
    bytes: {
      avatar: settings.UPLOAD_AVATAR_BYTES,
      "room-photo": settings.UPLOAD_PHOTO_BYTES,
      "room-audio": settings.UPLOAD_AUDIO_BYTES,
      "voice-reference": settings.UPLOAD_VOICE_BYTES,
    },
    quota: {
      registered: settings.UPLOAD_QUOTA_BYTES,
      guest: settings.UPLOAD_GUEST_QUOTA_BYTES,
    },
    pixels: settings.UPLOAD_IMAGE_PIXELS,
    seconds: {
      "room-audio": settings.UPLOAD_AUDIO_SECONDS,
      "voice-reference": settings.UPLOAD_VOICE_SECONDS,
    },
  };
}

function s3Settings(settings: z.infer<typeof environmentSchema>): S3Settings | undefined {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_REGION: region } = settings;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  return endpoint && bucket && region && accessKeyId && secretAccessKey
    ? Object.freeze({ endpoint, bucket, region, accessKeyId, secretAccessKey })
    : undefined;
}

function google(settings: z.infer<typeof environmentSchema>) {
  const { GOOGLE_CLIENT_ID: clientId, GOOGLE_CLIENT_SECRET: clientSecret } = settings;
  if (clientId === undefined || clientSecret === undefined) return undefined;
  return Object.freeze({ clientId, clientSecret, issuer: settings.GOOGLE_ISSUER });
}
