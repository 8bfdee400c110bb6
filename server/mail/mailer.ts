import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { createTransport } from "nodemailer";
import { z } from "zod";
import { AppError } from "../kit/errors.ts";
import type { Log } from "../kit/log.ts";

/** A letter in plain text to one address. */
export type Mail = { to: string; subject: string; text: string };

export type WrittenMail = Mail & { writtenAt: string };

/**
 * `sent`: goes out by SMTP. `shown`: written to a folder, for whoever develops. `unavailable`: there
 * is no way.
 */
export type MailWay = "sent" | "shown" | "unavailable";

export type Mailer = {
  readonly way: MailWay;
  /** Throws MAIL_UNAVAILABLE, whose cause names no address. */
  send(mail: Mail): Promise<void>;
  /** What was written lately, the newest first. Nothing, unless mail is shown. */
  written(): Promise<WrittenMail[]>;
  /** Removes what was written to this address. */
  forget(to: string): Promise<void>;
  close(): void;
};

export type MailerOptions = {
  smtpUrl: string | undefined;
  from: string;
  /** Where mail is written that isn't sent. Undefined where mail must not be kept, as in production. */
  directory: string | undefined;
  log: Log;
};

/** A mail server that doesn't answer for so long is not there. */
const TIMEOUT_MS = 10_000;
const SHOWN = 20;

export function createMailer(options: MailerOptions): Mailer {
  const { smtpUrl, directory } = options;
  if (smtpUrl !== undefined) return createSmtpMailer({ ...options, smtpUrl });
  if (directory !== undefined) return createWritingMailer({ ...options, directory });
  return {
    way: "unavailable",
    send: () => Promise.reject(unavailable()),
    written: () => Promise.resolve([]),
    forget: () => Promise.resolve(),
    close: () => undefined,
  };
}

function createSmtpMailer({
  smtpUrl: url,
  from,
  log,
}: MailerOptions & { smtpUrl: string }): Mailer {
  const transport = createTransport({
    url,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    way: "sent",
    async send(mail) {
      try {
        await transport.sendMail({ from, ...mail });
      } catch (error) {
        const fault = describeFault(error);
        log.error(fault, "the mail server did not take a mail");
        throw unavailable(new Error(`SMTP: ${fault.code}`));
      }
    },
    written: () => Promise.resolve([]),
    forget: () => Promise.resolve(),
    close: () => transport.close(),
  };
}

const faultSchema = z.object({
  code: z.string().default("unknown"),
  responseCode: z.number().optional(),
});

/** What mail servers say in words repeats addresses. */
function describeFault(error: unknown): z.infer<typeof faultSchema> {
  const fault = faultSchema.safeParse(error);
  return fault.success ? fault.data : { code: "unknown" };
}

const writtenSchema = z.object({
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  writtenAt: z.string(),
});

/** Each mail becomes a file that mail programs open, and one that the page shows. */
function createWritingMailer({
  from,
  directory,
  log,
}: MailerOptions & { directory: string }): Mailer {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: "windows" });

  /** In the order in which they were written. */
  async function listNames(): Promise<string[]> {
    const files = await readdir(directory).catch(() => []);
    const letters = files.filter((file) => file.endsWith(".json")).sort();
    return letters.map((file) => basename(file, ".json"));
  }

  async function read(name: string): Promise<WrittenMail> {
    return writtenSchema.parse(JSON.parse(await readFile(join(directory, `${name}.json`), "utf8")));
  }

  return {
    way: "shown",

    async send(mail) {
      const writtenAt = new Date().toISOString();
      const name = `${writtenAt.replaceAll(":", "-")}-${randomUUID().slice(0, 8)}`;
      const { message } = await transport.sendMail({ from, ...mail });
      // What was mailed opens accounts.
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const file = join(directory, `${name}.eml`);
      await writeFile(file, message, { mode: 0o600 });
      const unfinished = join(directory, `${name}.unfinished`);
      await writeFile(unfinished, JSON.stringify({ ...mail, writtenAt }), { mode: 0o600 });
      await rename(unfinished, join(directory, `${name}.json`));
      log.info({ file }, "wrote a mail instead of sending it");
    },

    async written() {
      const names = await listNames();
      return await Promise.all(names.slice(-SHOWN).toReversed().map(read));
    },

    async forget(to) {
      for (const name of await listNames()) {
        if ((await read(name)).to !== to) continue;
        for (const kind of ["eml", "json"]) await rm(join(directory, `${name}.${kind}`));
      }
    },

    close: () => transport.close(),
  };
}

function unavailable(cause?: Error): AppError {
  return new AppError("MAIL_UNAVAILABLE", "This server can't send mail at the moment.", { cause });
}
