import { access } from "node:fs/promises";
import { chromium, type Browser } from "playwright-core";
import { installPageProbe } from "./page-probe.ts";

const DEFAULT_PATH = "/usr/bin/chromium";

/** Whatever a browser would do by itself, and nothing that a page needs. */
const quietArguments = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  // Hidden behind mDNS names, loopback addresses could not be reached.
  "--disable-features=WebRtcHideLocalIpsWithMdns",
];

/**
 * Starts a headless Chromium: the one at PARLEY_CHROMIUM, else Debian's. With `microphone`, a WAV
 * file, all its pages speak what is in it, once, from the moment they open the microphone. A browser
 * has one microphone, so each speaker needs a browser.
 */
export async function launchChromium(options: { microphone?: string } = {}): Promise<Browser> {
  const executablePath = process.env["PARLEY_CHROMIUM"] ?? DEFAULT_PATH;
  try {
    await access(executablePath);
  } catch (cause) {
    throw new Error(
      `there is no Chromium at ${executablePath}: apt install chromium, or set PARLEY_CHROMIUM`,
      { cause },
    );
  }
  const { microphone } = options;
  return await chromium.launch({
    executablePath,
    headless: true,
    args: [
      ...quietArguments,
      ...(microphone === undefined
        ? []
        : [
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            `--use-file-for-fake-audio-capture=${microphone}%noloop`,
          ]),
    ],
  });
}

/** A page of a person of their own: nothing is shared with other pages of the browser. */
export async function openPage(
  browser: Browser,
  options: { microphoneAllowed?: boolean; viewport?: { width: number; height: number } } = {},
) {
  const { microphoneAllowed = true, viewport } = options;
  const context = await browser.newContext({
    permissions: microphoneAllowed ? ["microphone"] : [],
    ...(viewport && { viewport }),
    // The recorder's worklet comes from a blob, which the page's own policy rightly refuses.
    bypassCSP: true,
    // What moves for beauty alone costs time that speech needs.
    reducedMotion: "reduce",
  });
  await context.addInitScript(installPageProbe);
  return await context.newPage();
}
