import { HEARING_RATE, type PcmFrame } from "../kit/pcm.ts";
import { WINDOW } from "./endpointing.ts";

/** 512 samples, and when the last of them reached this process. */
export type Window = { samples: Int16Array; at: number };

/** Cuts frames of any length into windows. */
export function createWindowing(): (frame: PcmFrame) => Window[] {
  let window = new Int16Array(WINDOW);
  let filled = 0;
  return ({ samples, at }) => {
    const windows: Window[] = [];
    let taken = 0;
    while (taken < samples.length) {
      const part = samples.subarray(taken, taken + WINDOW - filled);
      window.set(part, filled);
      filled += part.length;
      taken += part.length;
      if (filled < WINDOW) break;
      windows.push({ samples: window, at: at - ((samples.length - taken) * 1000) / HEARING_RATE });
      window = new Int16Array(WINDOW);
      filled = 0;
    }
    return windows;
  };
}

/** The last second of a stream, found by position: samples from its start. */
export function createRecentAudio(windows: number) {
  const recent: Window[] = [];
  let end = 0;
  return {
    push(window: Window): void {
      recent.push(window);
      end += WINDOW;
      if (recent.length > windows) recent.shift();
    },
    /** Copies of the samples in `[from, to)`, as far as they are still there. */
    *slices(from: number, to: number): Generator<Int16Array> {
      let start = end - recent.length * WINDOW;
      for (const { samples } of recent) {
        const slice = samples.slice(Math.max(0, from - start), Math.max(0, to - start));
        if (slice.length > 0) yield slice;
        start += WINDOW;
      }
    },
    /** When the sample at `position` reached this process. */
    timeOf(position: number): number {
      return (recent.at(-1)?.at ?? 0) - ((end - position) * 1000) / HEARING_RATE;
    },
  };
}
