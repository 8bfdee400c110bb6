import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { pino } from "pino";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { afterEach, expect, it } from "vitest";
import { silentLog } from "../kit/log.ts";
import { createMailer } from "./mailer.ts";

const mail = {
  to: "ann@example.org",
  subject: "Grüße",
  text: "你好, https://parley.example/?a=b\n",
};
const from = "Parley <parley@example.org>";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

/** A real mail server on a free port. */
async function startSmtp(options: SMTPServerOptions = {}) {
  const received: { from: string; to: string[]; content: string }[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, { envelope }, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.once("end", () => {
        received.push({
          from: envelope.mailFrom ? envelope.mailFrom.address : "",
          to: envelope.rcptTo.map(({ address }) => address),
          content: Buffer.concat(chunks).toString(),
        });
        callback();
      });
    },
    ...options,
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, received };
}

it("sends mail to a mail server", async () => {
  const { url, received } = await startSmtp();
  const mailer = createMailer({ smtpUrl: url, from, directory: undefined, log: silentLog });
  closing.push(() => mailer.close());
  expect(mailer.way).toBe("sent");
  await mailer.send(mail);
  expect(received).toMatchObject([{ from: "parley@example.org", to: ["ann@example.org"] }]);
  const [{ content } = { content: "" }] = received;
  expect(content).toContain("Subject: =?UTF-8?");
  expect(content).toContain("=E4=BD=A0=E5=A5=BD, https://parley.example/?a=3Db");
});

it("says that there is no way when the mail server refuses, without a word of whom it was for", async () => {
  const { url } = await startSmtp({
    onRcptTo: (_address, _session, callback) => callback(new Error("no ann@example.org here")),
  });
  let logged = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk);
      done();
    },
  });
  const mailer = createMailer({ smtpUrl: url, from, directory: undefined, log: pino(stream) });
  closing.push(() => mailer.close());
  const error: unknown = await mailer.send(mail).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ reason: "MAIL_UNAVAILABLE" });
  expect(logged).toContain("EENVELOPE");
  expect(logged + String(error instanceof Error && error.cause)).not.toContain("ann@");
});

it("says that there is no way when no mail server is there", async () => {
  const smtpUrl = "smtp://127.0.0.1:1";
  const mailer = createMailer({ smtpUrl, from, directory: undefined, log: silentLog });
  closing.push(() => mailer.close());
  await expect(mailer.send(mail)).rejects.toMatchObject({ reason: "MAIL_UNAVAILABLE" });
});

it("writes mail for whoever develops, where nobody else can read it", async () => {
  const parent = mkdtempSync(join(tmpdir(), "parley-mail-"));
  closing.push(() => rmSync(parent, { recursive: true }));
  const directory = join(parent, "mail");
  const mailer = createMailer({ smtpUrl: undefined, from, directory, log: silentLog });
  expect(mailer.way).toBe("shown");
  expect(await mailer.written()).toEqual([]);
  await mailer.send(mail);
  await mailer.send({ ...mail, subject: "The second" });
  const written = await mailer.written();
  expect(written.map(({ subject }) => subject).sort()).toEqual(["Grüße", "The second"]);
  expect(written[0]).toMatchObject({ to: mail.to, text: mail.text });
  const files = readdirSync(directory).filter((file) => file.endsWith(".eml"));
  expect(files).toHaveLength(2);
  for (const file of files) {
    expect(readFileSync(join(directory, file), "utf8")).toContain("To: ann@example.org");
    expect(statSync(join(directory, file)).mode & 0o077).toBe(0);
  }
  expect(statSync(directory).mode & 0o077).toBe(0);
  await mailer.send({ ...mail, to: "ben@example.org" });
  await mailer.forget(mail.to);
  expect((await mailer.written()).map(({ to }) => to)).toEqual(["ben@example.org"]);
  expect(readdirSync(directory)).toHaveLength(2);
});

it("has no way when it was given none", async () => {
  const options = { smtpUrl: undefined, from, directory: undefined, log: silentLog };
  const mailer = createMailer(options);
  expect(mailer.way).toBe("unavailable");
  await expect(mailer.send(mail)).rejects.toMatchObject({ reason: "MAIL_UNAVAILABLE" });
  expect(await mailer.written()).toEqual([]);
  await mailer.forget(mail.to);
});
