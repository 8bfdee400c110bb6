import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { createLimiters } from "../kit/limiter.ts";
import { silentLog } from "../kit/log.ts";
import { openRedis } from "../kit/redis.ts";
import { startRedis } from "../kit/testing/start-redis.ts";
import { createSignInLimits } from "./sign-in-limits.ts";

const wrong = () => Promise.resolve(undefined);
const right = () => Promise.resolve("Ann");

describe("limits of signing in", () => {
  it("count failures by network address, too", async () => {
    const limits = createSignInLimits(createLimiters({ log: silentLog }));
    const guess = (count: number, network: string) =>
      limits.login({ email: `person-${count}@example.org`, network }, wrong);
    for (let count = 0; count <= 100; count += 1) await guess(count, "a").catch(() => undefined);
    await expect(guess(1000, "a")).rejects.toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    // Nor is it told that a guess was right.
    const known = limits.login({ email: "ann@example.org", network: "a" }, right);
    await expect(known).rejects.toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    await expect(guess(1001, "b")).resolves.toBeUndefined();
    // Who knows their password does not use anything up.
    for (let count = 0; count < 200; count += 1) {
      await limits.login({ email: "ann@example.org", network: "b" }, right);
    }
  });

  it("take no account of attempts that could not be made", async () => {
    const limits = createSignInLimits(createLimiters({ log: silentLog }));
    const broken = () => Promise.reject(new Error("the database is away"));
    const from = { email: "ann@example.org", network: "a" };
    for (let count = 0; count < 4; count += 1) await limits.login(from, wrong);
    for (let count = 0; count < 9; count += 1) {
      await expect(limits.login(from, broken)).rejects.toThrow("away");
      await expect(limits.password("ann", broken)).rejects.toThrow("away");
    }
    await limits.login(from, wrong);
    await expect(limits.login(from, right)).rejects.toMatchObject({ reason: "TOO_MANY_REQUESTS" });
    await expect(limits.password("ann", () => Promise.resolve(true))).resolves.toBe(true);
  });

  it("hold for all nodes together, which keep no address where others see it", async () => {
    const redis = await startRedis();
    const connections = [openRedis(redis.url, silentLog), openRedis(redis.url, silentLog)];
    try {
      await Promise.all(connections.map((connection) => once(connection, "ready")));
      const nodes = connections.map((connection) =>
        createSignInLimits(createLimiters({ redis: connection, log: silentLog })),
      );
      const from = { email: "ann@example.org", network: "a" };
      const attempts = Array.from(
        { length: 16 },
        async (_, index) => await nodes[index % 2]?.login(from, wrong),
      );
      const outcomes = await Promise.allSettled(attempts);
      expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(5);
      const keys = await connections[0]?.keys("*");
      expect(keys?.length).toBeGreaterThan(0);
      expect(JSON.stringify(keys)).not.toContain("ann");
    } finally {
      for (const connection of connections) connection.disconnect();
      await redis.stop();
    }
  });
});
