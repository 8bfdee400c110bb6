import { resample } from "./resample.ts";
import type { Sound } from "./wav.ts";

/** Samples a second at which a window is looked for: anywhere, nearby, exactly. */
const RATES = { anywhere: 4000, nearby: 16_000, exactly: 48_000 };
const WINDOW_MS = 400;
const HOP_MS = 200;
/** How much further from its neighbour's place a window may lie, for each hop between them. */
const DRIFT_MS = 12;
/** A loud window may resemble another place by chance: some are tried, and the best whole counts. */
const ANCHORS = 3;
/** Windows with less than this share of the loudest one's energy are pauses, and don't count. */
const PAUSE_SHARE = 0.01;

/** `atMs`: where in the recording the reference's beginning is. */
export type SoundMatch = { correlation: number; atMs: number };

/**
 * How much of a reference is in a recording, from 0 (nothing) to 1 (the same wave form).
 *
 * A receiver's jitter buffer stretches and shrinks speech by some ms, so the two are not compared as
 * wholes: the reference is cut into windows of 400 ms, one every 200 ms. A loud window is looked for
 * anywhere in the recording; from there outwards each window is looked for near where its neighbour
 * was found, up to 12 ms earlier or later. The normalised cross-correlation at its best place counts
 * (wave forms, sign included: an inverted copy counts as nothing), weighted by the window's energy.
 * Places are measured to a 48,000th of a second: half a sample at 16 kHz would already cost the upper
 * frequencies.
 *
 * It ignores volume and pauses. Another sentence, another voice, noise and gaps all score low.
 */
export function soundCorrelation(reference: Sound, recording: Sound): SoundMatch {
  const [ours, theirs] = [layersOf(atLeastAWindow(reference)), layersOf(recording)];
  const windows = speechWindows(ours.nearby);
  const total = windows.reduce((sum, { energy }) => sum + energy, 0);
  let best: SoundMatch = { correlation: 0, atMs: 0 };
  for (const anchor of windows.toSorted((a, b) => b.energy - a.energy).slice(0, ANCHORS)) {
    const found = findAll(windows, windows.indexOf(anchor), ours, theirs);
    const sum = found.reduce((all, { score, energy }) => all + Math.max(0, score) * energy, 0);
    const first = found[0];
    if (first && sum / total > best.correlation) {
      best = { correlation: sum / total, atMs: first.lagMs };
    }
  }
  return best;
}

/** A word may be shorter than a window: the silence after it is part of it then. */
function atLeastAWindow({ samples, rate }: Sound): Sound {
  const whole = new Int16Array(Math.max(samples.length, Math.ceil((WINDOW_MS * rate) / 1000) + 1));
  whole.set(samples);
  return { samples: whole, rate };
}

type Layer = { rate: number; samples: Float64Array; /** Of squares. */ runningSums: Float64Array };
type Layers = Record<keyof typeof RATES, Layer>;

function layersOf(sound: Sound): Layers {
  return {
    anywhere: layerOf(sound, RATES.anywhere),
    nearby: layerOf(sound, RATES.nearby),
    exactly: layerOf(sound, RATES.exactly),
  };
}

function layerOf(sound: Sound, rate: number): Layer {
  const samples = Float64Array.from(resample(sound, rate).samples);
  const runningSums = new Float64Array(samples.length + 1);
  for (const [index, sample] of samples.entries()) {
    runningSums[index + 1] = (runningSums[index] ?? 0) + sample * sample;
  }
  return { rate, samples, runningSums };
}

function energyOf({ runningSums }: Layer, from: number, length: number): number {
  return (runningSums[from + length] ?? 0) - (runningSums[from] ?? 0);
}

type Window = { fromMs: number; energy: number };

function speechWindows(layer: Layer): Window[] {
  const length = (WINDOW_MS * layer.rate) / 1000;
  const windows: Window[] = [];
  for (let fromMs = 0; ; fromMs += HOP_MS) {
    const from = (fromMs * layer.rate) / 1000;
    if (from + length > layer.samples.length) break;
    windows.push({ fromMs, energy: energyOf(layer, from, length) });
  }
  const loudest = Math.max(0, ...windows.map(({ energy }) => energy));
  if (loudest === 0) throw new Error("the reference holds no sound");
  return windows.filter(({ energy }) => energy > loudest * PAUSE_SHARE);
}

/** A window's place, as ms that it lies later in the recording than in the reference. */
type Found = Window & { score: number; lagMs: number };

function findAll(windows: Window[], anchor: number, ours: Layers, theirs: Layers): Found[] {
  const found: Found[] = [];
  const look = (index: number, neighbour: Found | undefined) => {
    const window = windows[index];
    if (!window) return undefined;
    const place = findOne(window, neighbour, ours, theirs);
    found[index] = place;
    return place;
  };
  const middle = look(anchor, undefined);
  let neighbour = middle;
  for (let index = anchor + 1; index < windows.length; index += 1)
    neighbour = look(index, neighbour);
  neighbour = middle;
  for (let index = anchor - 1; index >= 0; index -= 1) neighbour = look(index, neighbour);
  return found;
}

function findOne(
  window: Window,
  neighbour: Found | undefined,
  ours: Layers,
  theirs: Layers,
): Found {
  const { fromMs } = window;
  let place: Place;
  if (neighbour) {
    const hops = Math.abs(fromMs - neighbour.fromMs) / HOP_MS;
    place = search(ours.nearby, theirs.nearby, fromMs, neighbour.lagMs, DRIFT_MS * hops);
  } else {
    const everywhere = (theirs.anywhere.samples.length / RATES.anywhere) * 1000;
    place = search(ours.anywhere, theirs.anywhere, fromMs, 0, everywhere);
    place = search(ours.nearby, theirs.nearby, fromMs, place.lagMs, 1000 / RATES.anywhere);
  }
  place = search(ours.exactly, theirs.exactly, fromMs, place.lagMs, 1000 / RATES.nearby);
  return { ...window, ...place };
}

type Place = { score: number; lagMs: number };

/** The best place for the window at `fromMs`, with a lag at most `rangeMs` away from `lagMs`. */
function search(ours: Layer, theirs: Layer, fromMs: number, lagMs: number, rangeMs: number): Place {
  const perMs = ours.rate / 1000;
  const [from, length] = [Math.round(fromMs * perMs), Math.round(WINDOW_MS * perMs)];
  const own = energyOf(ours, from, length);
  const lowest = Math.max(0, Math.floor(from + (lagMs - rangeMs) * perMs));
  const highest = Math.min(
    theirs.samples.length - length,
    Math.ceil(from + (lagMs + rangeMs) * perMs),
  );
  let best: Place = { score: 0, lagMs };
  for (let at = lowest; at <= highest; at += 1) {
    const other = energyOf(theirs, at, length);
    if (other <= 0) continue;
    let product = 0;
    for (let n = 0; n < length; n += 1) {
      product += (ours.samples[from + n] ?? 0) * (theirs.samples[at + n] ?? 0);
    }
    const score = product / Math.sqrt(own * other);
    if (score > best.score) best = { score, lagMs: (at - from) / perMs };
  }
  return best;
}
