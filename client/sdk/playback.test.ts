import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FakeMediaStreamTrack } from "fake-mediastreamtrack";
import type { Voice } from "../../shared/call.ts";
import type { ParleyError } from "./parley-error.ts";
import { Playback } from "./playback.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const track = new FakeMediaStreamTrack({ kind: "audio" });
const original: Voice = {
  producerId: "o",
  accountId: "ann",
  kind: "original",
  language: "en",
  muted: false,
};
const interpreter: Voice = { ...original, producerId: "i", kind: "interpreter", language: "es" };

/** What a browser would do with one voice. */
class FakeSink {
  readonly volumes: number[] = [];
  loudness = 0;
  closed = false;
  allowed = true;

  setVolume(volume: number): void {
    this.volumes.push(volume);
  }

  level(): number {
    return this.loudness;
  }

  async play(): Promise<void> {
    if (!this.allowed) throw new DOMException("touch me", "NotAllowedError");
  }

  close(): void {
    this.closed = true;
  }

  get volume(): number | undefined {
    return this.volumes.at(-1);
  }
}

function setUp(options: { allowed?: boolean } = {}) {
  const sinks: FakeSink[] = [];
  const blocked: ParleyError[] = [];
  const playback = new Playback({
    onBlocked: (error) => blocked.push(error),
    createSinks: () => ({
      open: () => {
        const sink = new FakeSink();
        sink.allowed = options.allowed ?? true;
        sinks.push(sink);
        return sink;
      },
      close: () => undefined,
    }),
  });
  const add = (voice: Voice) => {
    const remove = playback.add(voice, track);
    return { sink: sinks.at(-1) ?? new FakeSink(), remove };
  };
  return { playback, sinks, blocked, add };
}

describe("playing voices", () => {
  it("quietens the original smoothly while its interpreter talks, and brings it back", async () => {
    const { add } = setUp();
    const { sink: voice } = add(original);
    const { sink: other } = add({ ...original, producerId: "b", accountId: "bob" });
    const { sink: interpreted } = add(interpreter);
    expect(voice.volume).toBe(1);

    interpreted.loudness = 0.1;
    await vi.advanceTimersByTimeAsync(500);
    expect(voice.volume).toBe(0.2);
    expect(voice.volumes.length).toBeGreaterThan(4);
    expect(interpreted.volume).toBe(1);
    expect(other.volume).toBe(1);

    interpreted.loudness = 0;
    await vi.advanceTimersByTimeAsync(900);
    expect(voice.volume).toBe(0.2);
    await vi.advanceTimersByTimeAsync(1000);
    expect(voice.volume).toBe(1);
  });

  it("lets the original come back when the interpreter leaves, and then rests", async () => {
    const { add } = setUp();
    const { sink: voice } = add(original);
    const { sink: interpreted, remove } = add(interpreter);
    interpreted.loudness = 0.1;
    await vi.advanceTimersByTimeAsync(500);
    remove();
    await vi.advanceTimersByTimeAsync(2000);
    expect(interpreted.closed).toBe(true);
    expect(voice.volume).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("takes volumes while it plays, and keeps them between silence and full", async () => {
    const { playback, add } = setUp();
    const { sink: voice } = add(original);
    const { sink: interpreted } = add(interpreter);
    interpreted.loudness = 0.1;
    playback.setVolumes({ original: 0.5, interpreter: 7 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(playback.volumes).toEqual({ original: 0.5, interpreter: 1 });
    expect(voice.volume).toBe(0.5);

    playback.setVolumes({ interpreter: 0 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(interpreted.volume).toBe(0);
    expect(voice.volume).toBe(1);
  });

  it("tells once that the browser lets nothing be heard, and plays when it may", async () => {
    const { playback, sinks, blocked, add } = setUp({ allowed: false });
    add(original);
    add(interpreter);
    await vi.advanceTimersByTimeAsync(0);
    expect(blocked).toMatchObject([{ reason: "PLAYBACK_BLOCKED" }]);
    expect(playback.blocked).toBe(true);

    await expect(playback.resume()).rejects.toMatchObject({ reason: "PLAYBACK_BLOCKED" });
    expect(blocked).toHaveLength(1);
    for (const sink of sinks) sink.allowed = true;
    await playback.resume();
    expect(playback.blocked).toBe(false);
  });

  it("leaves nothing running when it closes", () => {
    const { playback, sinks, add } = setUp();
    add(original);
    add(interpreter);
    playback.close();
    playback.close();
    expect(sinks.every(({ closed }) => closed)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
