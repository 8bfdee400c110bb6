/** What the content of a file says that it is. */
export type Inspection = {
  /** The media type of its first bytes. Absent when it is of no type that is known. */
  type?: string | undefined;
  audio?: AudioContent | undefined;
};

export type AudioContent = {
  hasAudio: boolean;
  hasVideo: boolean;
  sampleRate?: number | undefined;
  /** Seconds. */
  duration?: number | undefined;
};

export type InspectionRequest = { job: number; path: string; audio: boolean };
export type InspectionAnswer = { job: number; inspection: Inspection };
