/** Where one voice goes to be heard. */
export type VoiceSink = {
  /** From 0 to 1. */
  setVolume(volume: number): void;
  /** Root mean square of the last moments, before the volume. 0 unless it was opened to be metered. */
  level(): number;
  /** Rejects with a NotAllowedError where the browser wants the page to be touched first. */
  play(): Promise<void>;
  close(): void;
};

export type VoiceSinks = {
  open(track: MediaStreamTrack, options: { metered: boolean }): VoiceSink;
  close(): void;
};

/** Samples that a level is taken of: 43 ms at 48 kHz. */
const METER_SAMPLES = 2048;

/**
 * Plays through audio elements, because browsers cancel their echo best and lag least. The audio
 * graph beside them only measures, but on systems where an element's volume is fixed (iOS) it plays.
 */
export function createVoiceSinks(): VoiceSinks {
  let context: AudioContext | undefined;
  const graph = () => (context ??= new AudioContext({ latencyHint: "interactive" }));
  const throughGraph = volumeIsFixed();

  return {
    open(track, { metered }) {
      const stream = new MediaStream([track]);
      // Also where the graph plays: Chromium sends nothing into a graph without an element.
      const element = new Audio();
      element.srcObject = stream;
      element.muted = throughGraph;
      const source = metered || throughGraph ? graph().createMediaStreamSource(stream) : undefined;
      const meter = metered ? new AnalyserNode(graph(), { fftSize: METER_SAMPLES }) : undefined;
      if (meter) source?.connect(meter);
      const gain = throughGraph ? new GainNode(graph()) : undefined;
      if (gain) source?.connect(gain).connect(graph().destination);
      const samples = new Float32Array(METER_SAMPLES);

      return {
        setVolume(volume) {
          if (gain) gain.gain.value = volume;
          else element.volume = volume;
        },
        level() {
          if (!meter) return 0;
          meter.getFloatTimeDomainData(samples);
          let sum = 0;
          for (const sample of samples) sum += sample * sample;
          return Math.sqrt(sum / samples.length);
        },
        async play() {
          // Not awaited: where it is not allowed yet it may stay pending.
          if (context?.state === "suspended") void context.resume();
          await element.play();
        },
        close() {
          source?.disconnect();
          gain?.disconnect();
          element.pause();
          element.srcObject = null;
        },
      };
    },
    close() {
      void context?.close();
      context = undefined;
    },
  };
}

function volumeIsFixed(): boolean {
  const element = new Audio();
  element.volume = 0.5;
  return element.volume !== 0.5;
}
