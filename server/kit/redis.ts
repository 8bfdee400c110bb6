import { Redis } from "ioredis";
import type { Log } from "./log.ts";

/** Connects in the background, again and again. Commands fail at once while there is no connection. */
export function openRedis(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    retryStrategy: (attempt) => Math.min(attempt * 200, 5000),
  });
  let reachable = true;
  redis.on("error", (error: Error) => {
    // It repeats with each attempt; only the change is news.
    if (reachable) log.error({ err: error }, "Redis can't be reached: limits are this node's own");
    reachable = false;
  });
  redis.on("ready", () => {
    if (!reachable) log.info("Redis is back");
    reachable = true;
  });
  return redis;
}
