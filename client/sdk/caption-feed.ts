import type { CaptionEvent } from "../../shared/call.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Api } from "./connection.ts";
import { type ParleyError, toParleyError } from "./parley-error.ts";

export type CaptionFeedOptions = {
  api: Api;
  roomId: string;
  onCaption: (event: CaptionEvent) => void;
  /** From here on nothing is missed. Comes again after a gap. */
  onReady: () => void;
  onError: (error: ParleyError) => void;
};

/** The captions of a room, in a language that may change on the way: none is missed or comes twice. */
export class CaptionFeed {
  readonly #options: CaptionFeedOptions;
  #lastEventId: string | undefined;
  #stop: (() => void) | undefined;

  constructor(options: CaptionFeedOptions) {
    this.#options = options;
  }

  follow(read: LanguageTag | null | undefined): void {
    this.close();
    const { api, roomId, onCaption, onReady, onError } = this.#options;
    const subscription = api.call.onCaption.subscribe(
      { roomId, read, lastEventId: this.#lastEventId },
      {
        onData: ({ id, data }) => {
          this.#lastEventId = id;
          if (data.type === "ready") onReady();
          else onCaption(data);
        },
        onError: (error) => onError(toParleyError(error)),
      },
    );
    this.#stop = () => subscription.unsubscribe();
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }
}
