import { afterAll, beforeAll, expect, it } from "vitest";
import type { Redis } from "ioredis";
import { createLimiters } from "./limiter.ts";
import { silentLog } from "./log.ts";
import { openRedis } from "./redis.ts";
import { startRedis } from "./testing/start-redis.ts";

const tooOften = { reason: "TOO_MANY_REQUESTS" };

it("lets a key have so many, then says how long to wait, and forgets on request", async () => {
  const limiter = createLimiters({ log: silentLog })("tries", { points: 2, seconds: 60 });
  await limiter.consume("ann");
  await limiter.consume("ann");
  const refused = limiter.consume("ann");
  await expect(refused).rejects.toMatchObject(tooOften);
  await expect(refused).rejects.toSatisfy(({ retryAfterSeconds: wait }: Record<string, number>) => {
    return wait !== undefined && wait > 50 && wait <= 60;
  });
  await limiter.consume("ben");
  await limiter.reset("ann");
  await limiter.consume("ann");
});

it("holds also for those who come at the same moment", async () => {
  const limiter = createLimiters({ log: silentLog })("tries", { points: 5, seconds: 60 });
  const tries = Array.from({ length: 40 }, () => limiter.consume("ann"));
  const outcomes = await Promise.allSettled(tries);
  expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
});

it("is multiplied by the scale", async () => {
  const limiters = createLimiters({ scale: 3, log: silentLog });
  const limiter = limiters("tries", { points: 1, seconds: 60 });
  for (let count = 0; count < 3; count += 1) await limiter.consume("ann");
  await expect(limiter.consume("ann")).rejects.toMatchObject(tooOften);
});

let server: Awaited<ReturnType<typeof startRedis>>;
const opened: Redis[] = [];
const open = () => {
  const redis = openRedis(server.url, silentLog);
  opened.push(redis);
  return redis;
};

beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  for (const redis of opened) redis.disconnect();
  await server.stop();
});

it("is shared by all nodes through Redis, and goes on without it", async () => {
  const nodes = [open(), open()].map((redis) =>
    createLimiters({ redis, log: silentLog })("tries", { points: 2, seconds: 60 }),
  );
  await expect.poll(() => opened.map(({ status }) => status)).toEqual(["ready", "ready"]);
  for (const node of nodes) await node.consume("ann");
  for (const node of nodes) await expect(node.consume("ann")).rejects.toMatchObject(tooOften);

  await server.stop();
  await expect.poll(() => opened.map(({ status }) => status)).not.toContain("ready");
  for (const node of nodes) {
    await node.consume("ann");
    await node.consume("ann");
    await expect(node.consume("ann")).rejects.toMatchObject(tooOften);
  }
});
