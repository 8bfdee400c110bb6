import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { SynthesisedClause } from "./observed-synthesiser.ts";
import { freeTcpPort, freeUdpPort } from "./ports.ts";
import { UdpRelay } from "./udp-relay.ts";

const root = join(import.meta.dirname, "../..");
const SERVER_ADDRESS = "127.0.0.1";
const RELAY_ADDRESS = "127.0.0.2";
const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 8000;

export type ParleyServer = {
  url: string;
  port: number;
  pid: number;
  /** All media between browsers and server go through it. */
  media: UdpRelay;
  /** What its synthesiser said so far: of the mode `observed` alone. */
  synthesised: readonly SynthesisedClause[];
  /** What the server has written so far. */
  output: () => string;
  /** Gives the exit code, which is 0 when the server closed in order. */
  close: () => Promise<number | null>;
};

const programs = {
  plain: ["server/main.ts"],
  observed: ["client/testing/observed-server.ts", "observed"],
  scripted: ["client/testing/observed-server.ts", "scripted"],
};
/** `plain`: as anybody starts it. `observed`: tells what it synthesised. `scripted`: no real engines. */
export type ServerMode = keyof typeof programs;

/**
 * Starts the real server in a process of its own, with one media worker, free ports and a data
 * folder that goes with it. Nothing of the server's work is done in the process that measures.
 */
export async function startParley(
  options: { mode?: ServerMode; environment?: Record<string, string> } = {},
): Promise<ParleyServer> {
  const [program = "", ...programArguments] = programs[options.mode ?? "plain"];
  const port = await freeTcpPort();
  const rtcPort = await freeMediaPort();
  const dataFolder = await mkdtemp(join(tmpdir(), "parley-data-"));
  const media = await UdpRelay.open({
    address: RELAY_ADDRESS,
    serverAddress: SERVER_ADDRESS,
    port: rtcPort,
  });
  const server = spawn(process.execPath, [join(root, program), ...programArguments], {
    // The last one carries messages: sound travels as it is in memory.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    serialization: "advanced",
    env: {
      ...process.env,
      HOST: SERVER_ADDRESS,
      PORT: String(port),
      DATA_DIR: dataFolder,
      DATABASE_URL: "",
      RTC_PORT: String(rtcPort),
      RTC_WORKERS: "1",
      RTC_ANNOUNCED_ADDRESS: RELAY_ADDRESS,
      LOG_LEVEL: "warn",
      ...options.environment,
    },
  });
  let output = "";
  for (const stream of [server.stdout, server.stderr]) {
    stream?.on("data", (chunk: Buffer) => (output = (output + chunk.toString()).slice(-100_000)));
  }
  const synthesised: SynthesisedClause[] = [];
  // Our own program sends nothing else.
  server.on("message", (message) => synthesised.push(message as SynthesisedClause));
  const close = async () => {
    await stop(server);
    media.close();
    await rm(dataFolder, { recursive: true, force: true });
    return server.exitCode;
  };
  const url = `http://${SERVER_ADDRESS}:${port}`;
  try {
    await listening(url, server);
  } catch (cause) {
    await close();
    throw new Error(`the server did not start. It wrote:\n${output}`, { cause });
  }
  return { url, port, pid: server.pid ?? 0, media, synthesised, output: () => output, close };
}

async function freeMediaPort(): Promise<number> {
  try {
    return await freeUdpPort([SERVER_ADDRESS, RELAY_ADDRESS]);
  } catch (cause) {
    throw new Error(
      `this machine has no loopback address ${RELAY_ADDRESS}, through which the media are watched ` +
        `(on macOS: sudo ifconfig lo0 alias ${RELAY_ADDRESS})`,
      { cause },
    );
  }
}

async function listening(url: string, server: ChildProcess): Promise<void> {
  const limit = Date.now() + START_LIMIT_MS;
  while (Date.now() < limit && server.exitCode === null) {
    const response = await fetch(`${url}/ready`).catch(() => undefined);
    if (response?.ok) return await webAppServed(url);
    await delay(50);
  }
  throw new Error(server.exitCode === null ? "it took too long" : `it exited: ${server.exitCode}`);
}

async function webAppServed(url: string): Promise<void> {
  const response = await fetch(url, { headers: { accept: "text/html" } });
  if (!response.ok) throw new Error(await response.text());
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const exited = once(server, "exit");
  server.kill("SIGTERM");
  const limit = setTimeout(() => server.kill("SIGKILL"), STOP_LIMIT_MS);
  await exited;
  clearTimeout(limit);
}
