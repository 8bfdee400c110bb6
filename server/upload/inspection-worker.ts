import { open, stat } from "node:fs/promises";
import { parentPort } from "node:worker_threads";
import { fileTypeFromFile } from "file-type";
import { parseFile } from "music-metadata";
import {
  type AudioContent,
  type Inspection,
  type InspectionAnswer,
  type InspectionRequest,
} from "./inspection.ts";
import { measureWebm } from "./webm-duration.ts";

/** Media types that may be sound alone, and what they are served as. */
const audioTypes: Readonly<Record<string, string>> = {
  "audio/wav": "audio/wav",
  "audio/mpeg": "audio/mpeg",
  "audio/x-m4a": "audio/mp4",
  "audio/mp4": "audio/mp4",
  "video/mp4": "audio/mp4",
  "audio/aac": "audio/aac",
  "audio/ogg": "audio/ogg",
  "audio/ogg; codecs=opus": "audio/ogg",
  "audio/flac": "audio/flac",
  "video/webm": "audio/webm",
};

/** Looks at bytes, and at nothing else: no name, no network, no other file. */
async function inspect(path: string, audio: boolean): Promise<Inspection> {
  const found = await fileTypeFromFile(path).catch(() => undefined);
  const type = found && (audio ? audioTypes[found.mime] : found.mime);
  if (type === undefined || !audio) return { type };
  return { type, audio: await probe(path, type).catch(() => undefined) };
}

async function probe(path: string, type: string): Promise<AudioContent> {
  // Counts the frames of MP3: a header can say anything.
  const { format } = await parseFile(path, { duration: true, skipCovers: true });
  const video = format.trackInfo.some(({ video: track }) => track !== undefined);
  return {
    hasAudio: format.hasAudio ?? (format.sampleRate ?? 0) > 0,
    hasVideo: (format.hasVideo ?? false) || video,
    sampleRate: format.sampleRate,
    duration: await measure(path, type, format),
  };
}

/** Seconds, by what is really there as far as that can be told. */
async function measure(
  path: string,
  type: string,
  { duration, bitrate }: { duration?: number; bitrate?: number },
): Promise<number | undefined> {
  if (type === "audio/webm") {
    await using file = await open(path, "r");
    return Math.max(duration ?? 0, (await measureWebm(file)) ?? 0);
  }
  if (type !== "audio/wav" || duration === undefined || !bitrate) return duration;
  // Who writes WAV into a pipe doesn't know its length, and writes the largest.
  return Math.min(duration, ((await stat(path)).size * 8) / bitrate);
}

if (parentPort) {
  const port = parentPort;
  port.on("message", ({ job, path, audio }: InspectionRequest) => {
    void inspect(path, audio).then((inspection) =>
      port.postMessage({ job, inspection } satisfies InspectionAnswer),
    );
  });
}
