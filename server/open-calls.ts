import type { CallDependencies } from "./app.ts";
import { Calls } from "./call/calls.ts";
import { createVoiceActivityDetector } from "./interpreter/voice-activity.ts";
import { AppError } from "./kit/errors.ts";
import { createMedia } from "./media/media.ts";

/** What carries voices. A machine that can't do it serves everything else, and says why. */
export async function openCalls(
  dependencies: CallDependencies,
): Promise<Calls | { unavailable: string }> {
  const { config, log, closing, ...ports } = dependencies;
  try {
    const media = await createMedia({
      workers: config.rtc.workers,
      listenAddress: config.host,
      announcedAddress: config.rtc.announcedAddress,
      firstPort: config.rtc.port,
      log,
    });
    closing.add("media", () => media.close());
    const voiceActivity = await createVoiceActivityDetector();
    closing.add("voice activity", () => voiceActivity.close());
    const iceServers = [...config.iceServers];
    return new Calls({ ...ports, media, voiceActivity, iceServers, log });
  } catch (error) {
    log.error({ err: error }, "there are no calls");
    const unavailable =
      error instanceof AppError ? error.message : "Calls are unavailable: see the server's log.";
    return { unavailable };
  }
}
