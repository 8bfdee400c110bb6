import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTRPCClient, httpLink } from "@trpc/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { SignedIn } from "../shared/account.ts";
import type { AppRouter } from "./app-router.ts";

let directory: string;
const running = new Set<ChildProcess>();

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "parley-main-"));
});
afterEach(async () => {
  for (const child of running) await stop(child, "SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

/** Starts the server as a process of its own, and waits until it says where it listens. */
async function start(environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts")], {
    env: {
      ...process.env,
      NODE_ENV: "production",
      LOG_LEVEL: "warn",
      PORT: "0",
      RTC_PORT: "0",
      DATA_DIR: directory,
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  let output = "";
  const url = await new Promise<string | undefined>((resolve) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const port = /Parley listens at http:\/\/[^:\s]+:(\d+)/u.exec(output)?.[1];
      if (port) resolve(`http://127.0.0.1:${port}`);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("close", () => resolve(undefined));
  });
  return { child, url, output: () => output };
}

async function stop(child: ChildProcess, signal: NodeJS.Signals) {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill(signal);
  await once(child, "exit");
  return child.exitCode;
}

const client = (url: string | undefined, token = "") =>
  createTRPCClient<AppRouter>({
    links: [httpLink({ url: `${url}/trpc`, headers: { authorization: `Bearer ${token}` } })],
  });

it("keeps every message and every change that it acknowledged, however often it is killed", async () => {
  let { child, url } = await start();
  const { token }: SignedIn = await client(url).account.guest.mutate({
    name: "Ann",
    language: "en",
  });
  const { id: roomId } = await client(url, token).room.create.mutate({ name: "Kitchen" });
  /** Texts by client id. */
  const acknowledged = new Map<string, string>();

  /** Writes, and changes every third message, until the server is gone. */
  async function write(round: number): Promise<void> {
    const ann = client(url, token);
    for (let count = 0; ; count += 1) {
      const clientId = `${round}.${count}`;
      const { id, text } = await ann.chat.send.mutate({ roomId, text: clientId, clientId });
      acknowledged.set(clientId, text);
      if (count % 3 === 0) {
        const edited = await ann.chat.edit.mutate({ messageId: id, text: `${text} edited` });
        acknowledged.set(clientId, edited.text);
      }
      // The next requests are on their way by then.
      if (count === 10) setTimeout(() => child.kill("SIGKILL"), 5 * round);
    }
  }

  for (let round = 0; round < 2; round += 1) {
    const gone = once(child, "exit");
    await expect(write(round)).rejects.toThrow("fetch failed");
    await gone;
    ({ child, url } = await start());
  }
  expect(acknowledged.size).toBeGreaterThan(20);
  const kept = new Map<string, string>();
  for (let cursor: string | undefined; ;) {
    const page = await client(url, token).chat.history.query({ roomId, limit: 100, cursor });
    for (const { clientId, text } of page.items) {
      expect(kept.has(clientId)).toBe(false);
      kept.set(clientId, text);
    }
    cursor = page.nextCursor;
    if (cursor === undefined) break;
  }
  // Each time one message, or one change, was stored at most without anybody having been told.
  const unsaid = Array.from(kept, ([clientId, text]) => acknowledged.get(clientId) !== text);
  expect(unsaid.filter(Boolean).length).toBeLessThanOrEqual(2);
  for (const [clientId, text] of acknowledged) {
    expect([text, `${text} edited`]).toContain(kept.get(clientId));
  }
}, 120_000);

it("ends within 5 s of SIGTERM, and tells its clients to come back", async () => {
  const { child, url } = await start();
  const { token } = await client(url).account.guest.mutate({ name: "Ann", language: "en" });
  const socket = new WebSocket(`${url?.replace("http", "ws")}/trpc?connectionParams=1`);
  const messages: unknown[] = [];
  socket.addEventListener("message", ({ data }) => messages.push(JSON.parse(String(data))));
  await new Promise((resolve) => socket.addEventListener("open", resolve));
  socket.send(JSON.stringify({ method: "connectionParams", data: { token } }));
  socket.send(JSON.stringify({ id: 1, method: "query", params: { path: "account.me" } }));
  await expect.poll(() => messages.length).toBe(1);
  const closed = new Promise<CloseEvent>((resolve) => socket.addEventListener("close", resolve));
  const since = performance.now();
  expect(await stop(child, "SIGTERM")).toBe(0);
  expect(performance.now() - since).toBeLessThan(5000);
  expect(messages[1]).toEqual({ id: null, method: "reconnect" });
  expect((await closed).code).toBe(1012);
});

it("ends in order when the same signal comes more than once", async () => {
  const { child } = await start();
  const ended = stop(child, "SIGINT");
  child.kill("SIGINT");
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
});

it("says in a sentence why it can't start", async () => {
  const wrong = await start({ PORT: "seventy" });
  expect(wrong.url).toBeUndefined();
  expect(wrong.output()).toContain("PORT");
  expect(wrong.output()).not.toContain("    at ");
  const first = await start();
  const second = await start({ PORT: new URL(first.url ?? "").port });
  expect(second.output()).toContain("The port is in use already");
  expect(second.child.exitCode).toBe(1);
});
