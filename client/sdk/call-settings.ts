import type { CallLanguages } from "./call.ts";
import type { Api } from "./connection.ts";

export type CallSettingsOptions = {
  api: Api;
  languages: CallLanguages;
  /** Runs after all that was given to it before; not at all while there is no session. */
  inTurn: (work: (peerId: string) => Promise<void>) => Promise<void>;
  /** At once, whatever the server knows. */
  onMuted: (muted: boolean) => void;
};

/**
 * What a peer is set to: muted or not, and its languages. The wish is kept here and outlives cuts
 * and sessions; what the server has not confirmed it is told again when it is back.
 */
export class CallSettings {
  readonly #options: CallSettingsOptions;
  #languages: CallLanguages;
  #languagesUntold = false;
  #muted = false;
  #mutedUntold = false;

  constructor(options: CallSettingsOptions) {
    this.#options = options;
    this.#languages = options.languages;
  }

  get muted(): boolean {
    return this.#muted;
  }

  get languages(): Readonly<CallLanguages> {
    return this.#languages;
  }

  async mute(muted: boolean): Promise<void> {
    this.#setMuted(muted);
    this.#mutedUntold = true;
    await this.#tellMuted();
  }

  /** Sets the languages given and keeps the others. */
  async setLanguages({ speak, hear, read }: CallLanguages): Promise<void> {
    this.#languages = {
      speak: speak ?? this.#languages.speak,
      hear: hear === undefined ? this.#languages.hear : hear,
      read: read === undefined ? this.#languages.read : read,
    };
    if (speak === undefined && hear === undefined) return;
    this.#languagesUntold = true;
    await this.#tellLanguages();
  }

  /** A session is being opened with the languages that there are. */
  takeLanguages(): Pick<CallLanguages, "speak" | "hear"> {
    this.#languagesUntold = false;
    const { speak, hear } = this.#languages;
    return { speak, hear };
  }

  /** For a new session, which begins unmuted. */
  async prepare(): Promise<void> {
    if (this.#muted) await this.#tellMuted();
  }

  /** The server is there, perhaps again. */
  async repeat(): Promise<void> {
    if (this.#languagesUntold) await this.#tellLanguages();
  }

  /** What the server believes. It does not count while it has yet to hear what is wished. */
  async receiveMuted(muted: boolean): Promise<void> {
    if (!this.#mutedUntold) this.#setMuted(muted);
    else if (muted !== this.#muted) await this.#tellMuted();
    else this.#mutedUntold = false;
  }

  #setMuted(muted: boolean): void {
    if (muted === this.#muted) return;
    this.#muted = muted;
    this.#options.onMuted(muted);
  }

  async #tellMuted(): Promise<void> {
    const { api, inTurn } = this.#options;
    await inTurn(async (peerId) => {
      const muted = this.#muted;
      await api.call.mute.mutate({ peerId, muted });
      if (muted === this.#muted) this.#mutedUntold = false;
    });
  }

  async #tellLanguages(): Promise<void> {
    const { api, inTurn } = this.#options;
    await inTurn(async (peerId) => {
      const told = this.#languages;
      await api.call.setLanguages.mutate({ peerId, speak: told.speak, hear: told.hear });
      if (told === this.#languages) this.#languagesUntold = false;
    });
  }
}
