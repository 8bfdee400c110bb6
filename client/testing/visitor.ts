import type { Browser, Page, Response } from "playwright-core";
import type { Voice } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { CaptionArrival } from "./captions-by-sentence.ts";
import { openPage } from "./chromium.ts";
import { takeRecording, type Recording } from "./recording.ts";
import type { Sound } from "./wav.ts";

/** How a voice comes into a page: by which track, and by which packets. */
type Consumer = { producerId: string; consumerId: string; ssrc: number };

export type VisitorOptions = {
  url: string;
  name: string;
  language: LanguageTag;
  microphoneAllowed?: boolean;
  viewport?: { width: number; height: number };
  /** Called at each caption, as it reaches the page. */
  onCaption?: (arrival: CaptionArrival) => void;
};

/** A person at the web app, who does what people do there, with mouse and keyboard. */
export class Visitor {
  readonly page: Page;
  readonly captions: CaptionArrival[] = [];
  /** What the page's scripts complained about. */
  readonly pageErrors: string[] = [];
  readonly #options: VisitorOptions;
  readonly #consumers = new Map<string, Consumer>();

  static async open(browser: Browser, options: VisitorOptions): Promise<Visitor> {
    const page = await openPage(browser, options);
    const visitor = new Visitor(page, options);
    await page.exposeFunction("parleyCaptionArrived", (arrival: CaptionArrival) => {
      visitor.captions.push(arrival);
      options.onCaption?.(arrival);
    });
    return visitor;
  }

  private constructor(page: Page, options: VisitorOptions) {
    this.page = page;
    this.#options = options;
    page.on("pageerror", (error) => this.pageErrors.push(error.message));
    page.on("response", (response) => void this.#noteConsumer(response));
  }

  get name(): string {
    return this.#options.name;
  }

  part(testId: string) {
    return this.page.getByTestId(testId);
  }

  /** Says who they are and what they speak. */
  async enter(): Promise<void> {
    await this.page.goto(this.#options.url);
    await this.introduce();
    await this.part("room-name").waitFor();
  }

  /** Fills in the entry, wherever it leads to. */
  async introduce(): Promise<void> {
    await this.part("name-input").fill(this.#options.name);
    await this.choose("language-select", this.#options.language);
    await this.part("enter").click();
  }

  /** Gives the room's id. */
  async createRoom(name: string): Promise<string> {
    await this.part("room-name").fill(name);
    await this.part("create-room").click();
    return await this.#arrive();
  }

  async joinRoom(name: string): Promise<string> {
    const room = this.part("room-list").getByRole("listitem").filter({ hasText: name });
    await room.getByTestId("join-room").click();
    return await this.#arrive();
  }

  /** Gives the page a microphone of its own, which says this from `speak` on. */
  async plugInMicrophone({ samples, rate }: Sound): Promise<void> {
    const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
    await this.page.evaluate(
      ([base64, ofRate]) => window.parleyProbe.plugInMicrophone(base64, ofRate),
      [bytes.toString("base64"), rate] as const,
    );
  }

  async speak(): Promise<void> {
    await this.page.evaluate(() => window.parleyProbe.speak());
  }

  /** Presses the microphone, and returns when the others can hear it. */
  async openMicrophone(): Promise<void> {
    await this.part("microphone").click();
    await this.page.waitForFunction(
      () =>
        window.parleyCall?.microphoneOpen && window.parleyProbe.audioLevelExtension() !== undefined,
    );
  }

  /** Picks a language by its tag in one of the page's lists; `null` for originals only. */
  async choose(testId: string, language: LanguageTag | null): Promise<void> {
    await this.part(testId).click();
    const options = this.page.getByRole("option");
    const wanted =
      language === null
        ? options.filter({ hasText: "Originals only" })
        : options.filter({ has: this.page.locator(`[data-language="${language}"]`) });
    await wanted.click();
  }

  async openChat(): Promise<void> {
    const toggle = this.part("chat-toggle");
    if ((await toggle.getAttribute("aria-pressed")) !== "true") await toggle.click();
    await this.part("chat-input").waitFor();
  }

  async writeMessage(text: string): Promise<void> {
    await this.openChat();
    await this.part("chat-input").fill(text);
    await this.part("chat-send").click();
  }

  /** The voices that the page should be playing at this moment. */
  async voices(): Promise<Voice[]> {
    return await this.page.evaluate(() => Array.from(window.parleyCall?.voices ?? []));
  }

  /** Waits until the page receives a voice like this, and begins to record it. */
  async recordVoice(
    name: string,
    wanted: Partial<Voice>,
    options: { timeoutMs?: number } = {},
  ): Promise<{ ssrc: number }> {
    const limit = Date.now() + (options.timeoutMs ?? 20_000);
    for (;;) {
      const consumer = (await this.voices())
        .filter((voice) => matches(voice, wanted))
        .map(({ producerId }) => this.#consumers.get(producerId))
        .find((found) => found !== undefined);
      if (consumer && (await this.#record(name, consumer.consumerId))) return consumer;
      if (Date.now() > limit) {
        throw new Error(`${this.name} never got the voice ${JSON.stringify(wanted)}`);
      }
      await this.page.waitForTimeout(50);
    }
  }

  async recording(name: string): Promise<Recording> {
    return await takeRecording(this.page, name);
  }

  /** The UDP ports that this page's media come from. */
  async mediaPorts(): Promise<number[]> {
    return await this.page.evaluate(() => window.parleyProbe.mediaPorts());
  }

  /** From now on, captions of the page's call are told. */
  async followCaptions(): Promise<void> {
    await this.page.evaluate(() => {
      window.parleyCall?.on("caption", (event) => {
        window.parleyCaptionArrived({ at: Date.now(), event });
      });
    });
  }

  async accountId(): Promise<string> {
    return await this.page.evaluate(() => window.parley?.account?.id ?? "");
  }

  /** Under which id this page's microphone tells its level: see `SpeechWatch`. */
  async audioLevelExtension(): Promise<number | undefined> {
    return await this.page.evaluate(() => window.parleyProbe.audioLevelExtension());
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** In the room, connected, with captions coming in. */
  async #arrive(): Promise<string> {
    await this.part("microphone").waitFor();
    await this.page.waitForFunction(() => window.parleyCall?.state === "connected");
    await this.followCaptions();
    return await this.page.evaluate(() => window.parleyCall?.roomId ?? "");
  }

  async #record(name: string, consumerId: string): Promise<boolean> {
    return await this.page.evaluate(
      async ([recording, trackId]) => {
        // The SDK names tracks by their consumer.
        const track = window.parleyProbe.connections
          .flatMap((connection) => connection.getReceivers())
          .find((receiver) => receiver.track.id === trackId)?.track;
        if (!track) return false;
        await window.parleyProbe.record(recording, track);
        return true;
      },
      [name, consumerId] as const,
    );
  }

  /** Which track and which packets a voice has become is told by the answer to `call.consume`. */
  async #noteConsumer(response: Response): Promise<void> {
    if (!response.url().includes("/trpc/call.consume") || !response.ok()) return;
    const { result } = (await response.json()) as ConsumeAnswer;
    const { producerId, consumerId, rtpParameters } = result.data;
    const ssrc = rtpParameters.encodings[0]?.ssrc ?? 0;
    this.#consumers.set(producerId, { producerId, consumerId, ssrc });
  }
}

type ConsumeAnswer = {
  result: {
    data: {
      producerId: string;
      consumerId: string;
      rtpParameters: { encodings: { ssrc: number }[] };
    };
  };
};

function matches(voice: Voice, wanted: Partial<Voice>): boolean {
  return (Object.keys(wanted) as (keyof Voice)[]).every((key) => voice[key] === wanted[key]);
}

declare global {
  interface Window {
    parleyCaptionArrived(arrival: CaptionArrival): void;
  }
}
