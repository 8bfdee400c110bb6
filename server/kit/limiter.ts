import type { Redis } from "ioredis";
import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  type RateLimiterAbstract,
} from "rate-limiter-flexible";
import { AppError } from "./errors.ts";
import type { Log } from "./log.ts";

/** So many within so many seconds, counted from the first. */
export type Limit = { points: number; seconds: number };

/** Counts per key. What it counts is the caller's: calls, failed logins, bytes. */
export type Limiter = {
  /** Throws TOO_MANY_REQUESTS, with the seconds to wait, when the key has none left. */
  consume(key: string, points?: number): Promise<void>;
  /** Gives back one that was consumed for what could not be tried. */
  giveBack(key: string): Promise<void>;
  /** Forgets what the key has consumed. */
  reset(key: string): Promise<void>;
};

/** Makes the limiter of one purpose. `name` tells its keys from those of others. */
export type Limiters = (name: string, limit: Limit) => Limiter;

/**
 * Limits that all nodes share when there is a Redis, and that are this process's own otherwise, or
 * while Redis can't be reached. `scale` multiplies them all.
 */
export function createLimiters(deps: { redis?: Redis; scale?: number; log: Log }): Limiters {
  const { redis, scale = 1, log } = deps;

  return (name, { points, seconds }) => {
    const settings = {
      keyPrefix: `parley:limit:${name}`,
      points: Math.max(1, Math.round(points * scale)),
      duration: seconds,
    };
    const own = new RateLimiterMemory(settings);
    const limiter: RateLimiterAbstract = redis
      ? new RateLimiterRedis({
          ...settings,
          storeClient: redis,
          rejectIfRedisNotReady: true,
          insuranceLimiter: own,
        })
      : own;
    return {
      async consume(key, cost = 1) {
        try {
          await limiter.consume(key, cost);
        } catch (refusal) {
          if (!(refusal instanceof RateLimiterRes)) throw refusal;
          const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
          log.warn({ limit: name, retryAfterSeconds }, "refused what came too often");
          throw new AppError(
            "TOO_MANY_REQUESTS",
            `That was too often. Try again in ${retryAfterSeconds} seconds.`,
            { retryAfterSeconds },
          );
        }
      },

      async giveBack(key) {
        await limiter.reward(key, 1);
      },

      async reset(key) {
        await limiter.delete(key);
        if (limiter !== own) await own.delete(key);
      },
    };
  };
}
