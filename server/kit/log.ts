import { pino, type Logger } from "pino";

export type Log = Logger;

/** Nothing that could identify a person or open a door is written, whatever an object carries. */
const redact = {
  paths: [
    "password",
    "token",
    "authorization",
    "cookie",
    "secret",
    "credential",
    "email",
    "text",
  ].flatMap((name) => [name, `*.${name}`]),
  remove: true,
};

export function createLog(options: { level: string; pretty: boolean }): Log {
  return pino({
    level: options.level,
    redact,
    base: undefined,
    ...(options.pretty && {
      transport: {
        target: "pino-pretty",
        options: { translateTime: "HH:MM:ss.l", ignore: "scope" },
      },
    }),
  });
}

export const silentLog: Log = pino({ level: "silent" });
