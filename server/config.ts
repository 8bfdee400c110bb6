import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type IceServer } from "../shared/call.ts";
import { type DatabaseLocation } from "./database/open-database.ts";

const portSchema = z.coerce.number<string>().int().min(0).max(65_535);

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
  })
  .refine((environment) => !environment.TURN_USERNAME === !environment.TURN_CREDENTIAL, {
    path: ["TURN_CREDENTIAL"],
    message: "TURN_USERNAME and TURN_CREDENTIAL are given together",
  })
  .refine(({ SMTP_URL, MAIL_FROM }) => !SMTP_URL || !MAIL_FROM.includes("@localhost"), {
    path: ["MAIL_FROM"],
    message: "SMTP_URL needs a MAIL_FROM, such as Parley <parley@example.org>",
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
    mail: Object.freeze({ smtpUrl: settings.SMTP_URL, from: settings.MAIL_FROM }),
    rateLimitScale: settings.RATE_LIMIT_SCALE,
    rtc: Object.freeze({
      port: settings.RTC_PORT,
      announcedAddress: settings.RTC_ANNOUNCED_ADDRESS,
      workers: settings.RTC_WORKERS ?? availableParallelism(),
    }),
    iceServers: Object.freeze(iceServers(settings)),
  });
}

function iceServers(settings: z.infer<typeof environmentSchema>): IceServer[] {
  const { TURN_URLS: urls, TURN_USERNAME: username, TURN_CREDENTIAL: credential } = settings;
  return urls.length === 0 ? [] : [{ urls, username, credential }];
}
