import { parentPort } from "node:worker_threads";
import { fileTypeFromFile } from "file-type";
import { parseFile } from "music-metadata";
import {
  type AudioContent,
  type Inspection,
  type InspectionAnswer,
  type InspectionRequest,
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
  return { type, audio: await probe(path).catch(() => undefined) };
}

async function probe(path: string): Promise<AudioContent> {
  // Counts the frames of MP3: a header can say anything.
  const { format } = await parseFile(path, { duration: true, skipCovers: true });
  const video = format.trackInfo.some(({ video: track }) => track !== undefined);
  return {
    hasAudio: format.hasAudio ?? (format.sampleRate ?? 0) > 0,
    hasVideo: (format.hasVideo ?? false) || video,
    codec: format.codec,
    sampleRate: format.sampleRate,
    duration: format.duration,
  };
}

if (parentPort) {
  const port = parentPort;
  port.on("message", ({ job, path, audio }: InspectionRequest) => {
    void inspect(path, audio).then((inspection) =>
      port.postMessage({ job, inspection } satisfies InspectionAnswer),
    );
  });
}
