import { type DestinationStream, type Logger, pino, stdSerializers } from "pino";

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

/** What else an error carries may repeat what was sent: a database's the row, Redis' the command. */
function serialiseError(error: unknown) {
  if (!(error instanceof Error)) return { type: typeof error };
  const { type, message, stack } = stdSerializers.err(error);
  const code = "code" in error ? error.code : undefined;
  return { type, message, stack, ...(code !== undefined && { code }) };
}

/** Writes to standard output, unless a destination is given. */
export function createLog(
  options: { level: string; pretty: boolean },
  destination?: DestinationStream,
): Log {
  const settings = {
    level: options.level,
    redact,
    serializers: { err: serialiseError },
    base: undefined,
  };
  if (destination) return pino(settings, destination);
  if (!options.pretty) return pino(settings);
  return pino({
    ...settings,
    transport: {
      target: "pino-pretty",
      options: { translateTime: "HH:MM:ss.l", ignore: "scope" },
    },
  });
}

export const silentLog: Log = pino({ level: "silent" });
