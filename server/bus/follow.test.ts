import { expect, it, vi } from "vitest";
import { defineTopic } from "./bus.ts";
import { EmbeddedBus } from "./embedded-bus.ts";
import { follow } from "./follow.ts";
import { eventually } from "../../shared/testing/eventually.ts";

it("goes on after it has fallen behind, and says that something is missing", async () => {
  const topic = defineTopic<number>("numbers", { retain: 4 });
  const bus = new EmbeddedBus();
  const seen: number[] = [];
  const onMissed = vi.fn<() => void>();
  const onEvent = (event: number) => void seen.push(event);
  const { signal } = new AbortController();
  const following = follow(bus, topic, "all", { signal, onEvent, onMissed });
  // More than the topic retains, before following has begun.
  for (let number = 1; number <= 20; number += 1) bus.publish(topic, "all", number);
  await following;
  await eventually(() => expect(onMissed).toHaveBeenCalledTimes(1));
  bus.publish(topic, "all", 21);
  await eventually(() => expect(seen.at(-1)).toBe(21));
  await bus.close();
});

it("is done with an event before the next one is published", async () => {
  const topic = defineTopic<number>("numbers", { retain: 4 });
  const bus = new EmbeddedBus();
  const seen: number[] = [];
  const onEvent = (event: number) => void seen.push(event);
  const { signal } = new AbortController();
  await follow(bus, topic, "all", { signal, onEvent, onMissed: () => {} });
  await Promise.resolve();
  for (let number = 1; number <= 20; number += 1) {
    bus.publish(topic, "all", number);
    expect(seen).toHaveLength(number);
  }
  await bus.close();
});
