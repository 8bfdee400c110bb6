import { parentPort } from "node:worker_threads";
import { fileTypeFromFile } from "file-type";
import { parseFile } from "music-metadata";
import { FileWindow } from "./audio/file-window.ts";
import { measureFrames } from "./audio/frame-duration.ts";
import { measureOgg } from "./audio/ogg-duration.ts";
import { measureWebm } from "./audio/webm-duration.ts";
import type {
  AudioContent,
  Inspection,
  InspectionAnswer,
  InspectionRequest,
} from "./inspection.ts";

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
  const { format } = await parseFile(path, { skipCovers: true });
  const video = format.trackInfo.some(({ video: track }) => track !== undefined);
  return {
    hasAudio: format.hasAudio ?? (format.sampleRate ?? 0) > 0,
    hasVideo: (format.hasVideo ?? false) || video,
    sampleRate: format.sampleRate,
    duration: measure(path, type, format),
  };
}

/** Seconds, by what is really there as far as that can be told. */
function measure(
  path: string,
  type: string,
  format: { duration?: number; bitrate?: number; sampleRate?: number },
): number | undefined {
  const { duration, bitrate, sampleRate = 0 } = format;
  using file = new FileWindow(path);
  switch (type) {
    case "audio/aac":
      return measureFrames(file, "adts");
    case "audio/mpeg":
      return measureFrames(file, "mp3");
    case "audio/ogg":
      return measureOgg(file, sampleRate);
    case "audio/webm":
      return Math.max(duration ?? 0, measureWebm(file) ?? 0);
    case "audio/wav":
      // Who writes WAV into a pipe doesn't know its length, and writes the largest.
      return duration && bitrate ? Math.min(duration, (file.size * 8) / bitrate) : duration;
    default:
      return duration;
  }
}

if (parentPort) {
  const port = parentPort;
  port.on("message", ({ job, path, audio }: InspectionRequest) => {
    void inspect(path, audio).then((inspection) =>
      port.postMessage({ job, inspection } satisfies InspectionAnswer),
    );
  });
}
