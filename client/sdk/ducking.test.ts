import { describe, expect, it } from "vitest";
import { approach, SPEECH_LEVEL, TalkingInterpreters, targetVolume } from "./ducking.ts";

const volumes = { original: 0.15, interpreter: 0.8 };
const original = { kind: "original" } as const;
const interpreter = { kind: "interpreter" } as const;

describe("an original voice", () => {
  it("is played in full while nobody interprets it, else as quietly as was asked for", () => {
    expect(targetVolume(original, volumes, false)).toBe(1);
    expect(targetVolume(original, volumes, true)).toBe(0.15);
  });

  it("is played in full for somebody who has silenced the interpreter", () => {
    expect(targetVolume(original, { ...volumes, interpreter: 0 }, true)).toBe(1);
  });
});

describe("an interpreter's voice", () => {
  it("is as loud as was asked for", () => {
    expect(targetVolume(interpreter, volumes, true)).toBe(0.8);
  });

  it("counts as talking from its first sound until a second after the last", () => {
    const talking = new TalkingInterpreters();
    expect(talking.has("ann", 0)).toBe(false);
    talking.heard("ann", SPEECH_LEVEL, 1000);
    talking.heard("ann", SPEECH_LEVEL / 2, 1500);
    expect(talking.has("ann", 2000)).toBe(true);
    expect(talking.has("ann", 2001)).toBe(false);
    expect(talking.has("bob", 1000)).toBe(false);
  });
});

describe("a change of volume", () => {
  it("takes many small steps, and ends exactly where it should", () => {
    const steps: number[] = [];
    for (let volume = 1; volume !== 0.15; steps.push(volume)) volume = approach(volume, 0.15, 20);
    expect(steps.length).toBeGreaterThan(5);
    expect(steps).toEqual(steps.toSorted((a, b) => b - a));
    expect(steps.at(-1)).toBe(0.15);
  });

  it("comes back more slowly than it went", () => {
    expect(approach(0, 1, 100)).toBeLessThan(1 - approach(1, 0, 100));
    expect(approach(0.95, 1, 100)).toBe(1);
  });
});
