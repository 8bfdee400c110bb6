import {
  captureMicrophone,
  type MicrophoneOptions,
  type MicrophoneSource,
  type OpenMicrophone,
} from "./microphone.ts";
import { ParleyError, toParleyError } from "./parley-error.ts";

export type CallMicrophoneOptions = {
  /** Makes what is sent equal to `track`. */
  publish: () => Promise<void>;
  onChange: (open: boolean) => void;
  onError: (error: ParleyError) => void;
  capture?: typeof captureMicrophone;
};

/** The microphone that a call sends, or would if it were connected. */
export class CallMicrophone {
  readonly #options: CallMicrophoneOptions;
  readonly #capture: typeof captureMicrophone;
  #open: OpenMicrophone | undefined;
  /** How it was last asked for: the same way when nothing else is said. */
  #asked: MicrophoneOptions = {};
  #closed = false;

  constructor(options: CallMicrophoneOptions) {
    this.#options = options;
    this.#capture = options.capture ?? captureMicrophone;
  }

  get track(): MediaStreamTrack | undefined {
    return this.#open?.track;
  }

  /** Rejects like `captureMicrophone`, and with what the server says; then nothing has changed. */
  async open(source: MicrophoneSource = true): Promise<void> {
    const captured = await this.capture(source);
    await this.use(captured);
  }

  /** Opens a microphone without sending it. */
  async capture(source: MicrophoneSource): Promise<OpenMicrophone> {
    if (source !== true && "kind" in source) return await this.#capture(source);
    const asked = source === true ? this.#asked : source;
    const captured = await this.#capture(asked);
    this.#asked = asked;
    return captured;
  }

  async use(microphone: OpenMicrophone): Promise<void> {
    if (this.#closed) {
      release(microphone);
      throw new ParleyError("CALL_ENDED", "The call has ended.");
    }
    const before = this.#open;
    this.#open = microphone;
    try {
      await this.#options.publish();
    } catch (error) {
      if (this.#open === microphone) this.#open = before;
      release(microphone);
      throw error;
    }
    if (before && before.track !== microphone.track) release(before);
    microphone.track.addEventListener("ended", () => void this.#ended(microphone));
    if (!before) this.#options.onChange(true);
  }

  async setDevice(deviceId: string): Promise<void> {
    const asked = { ...this.#asked, deviceId };
    if (this.#open) await this.open(asked);
    else this.#asked = asked;
  }

  async close(): Promise<void> {
    if (!this.#open) return;
    this.drop();
    await this.#options.publish();
  }

  /** Closes it without telling the server. */
  drop(): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    release(open);
    this.#options.onChange(false);
  }

  /** For good. */
  dispose(): void {
    this.#closed = true;
    this.drop();
  }

  /** The device was unplugged, or taken away. Another one may do. */
  async #ended(microphone: OpenMicrophone): Promise<void> {
    if (this.#open !== microphone) return;
    try {
      if (!microphone.owned) throw missing();
      this.#asked = { ...this.#asked, deviceId: undefined };
      await this.open();
    } catch (thrown) {
      this.#options.onError(toParleyError(thrown));
      await this.close().catch((error: unknown) => this.#options.onError(toParleyError(error)));
    }
  }
}

function missing(): ParleyError {
  return new ParleyError("MICROPHONE_MISSING", "The microphone has been taken away.");
}

function release({ track, owned }: OpenMicrophone): void {
  if (owned) track.stop();
}
