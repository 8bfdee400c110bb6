/** Samples a second of everything that is heard: 16-bit signed mono. */
export const HEARING_RATE = 16_000;

/** Samples a second of everything that is spoken: 16-bit signed mono. */
export const SPEAKING_RATE = 24_000;

/** Sound on its way in, 16 kHz, 20 ms (320 samples) a frame unless said otherwise. */
export type PcmFrame = {
  samples: Int16Array;
  /** When its last sample reached this process, in ms of `performance.now()`. */
  at: number;
};
