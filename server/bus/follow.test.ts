import { expect, it, vi } from "vitest";
import { defineTopic } from "./bus.ts";
import { EmbeddedBus } from "./embedded-bus.ts";
import { follow } from "./follow.ts";

it("goes on after it has fallen behind, and says that something is missing", async () => {
  const topic = defineTopic<number>("numbers", { retain: 4 });
  const bus = new EmbeddedBus();
  const seen: number[] = [];
  const onMissed = vi.fn<() => void>();
  const onEvent = (event: number) => void seen.push(event);
  const { signal } = new AbortController();
  await follow(bus, topic, "all", { signal, onEvent, onMissed });
  for (let number = 1; number <= 20; number += 1) bus.publish(topic, "all", number);
  await vi.waitFor(() => expect(onMissed).toHaveBeenCalledTimes(1));
  bus.publish(topic, "all", 21);
  await vi.waitFor(() => expect(seen.at(-1)).toBe(21));
  await bus.close();
});
