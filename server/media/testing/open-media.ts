import { onTestFinished } from "vitest";
import { silentLog } from "../../kit/log.ts";
import { createMedia, type Media, type MediaOptions } from "../media.ts";

/** Real media workers on any free ports of loopback, until the test is over. */
export async function openMedia(options: Partial<MediaOptions> = {}): Promise<Media> {
  const defaults = { workers: 1, listenAddress: "127.0.0.1", firstPort: 0, log: silentLog };
  const media = await createMedia({ ...defaults, ...options });
  onTestFinished(() => media.close());
  return media;
}
