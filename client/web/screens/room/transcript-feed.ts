import type { CaptionPage } from "../../../../shared/caption.ts";
import { type ParleyError, toParleyError, type Transcript } from "../../../sdk/index.ts";
import { Store } from "../../store.ts";
import type { CaptionList, CaptionRow } from "./caption-list.ts";
import type { Visit } from "./visit.ts";

/** Captions of one page. */
const PAGE = 50;

export type TranscriptState = {
  isLoading: boolean;
  /** Older captions are kept than those on the list. */
  hasOlder: boolean;
  error?: ParleyError;
};

type Source = Pick<Transcript, "captions" | "correct" | "remove">;

/** The list of captions as far as this needs it. */
type Captions = {
  readonly state: { readonly captions: CaptionList };
  addCaptions: Visit["addCaptions"];
  dropCaption: Visit["dropCaption"];
};

/** What was said before: fetched upward, and joined with what is being said. */
export class TranscriptFeed {
  readonly #transcript: Source;
  readonly #captions: Captions;
  readonly #store = new Store<TranscriptState>({ isLoading: false, hasOlder: false });
  /** Of the oldest page that was fetched. */
  #cursor: string | undefined;
  #hasBegun = false;
  #turn: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(transcript: Source, captions: Captions) {
    this.#transcript = transcript;
    this.#captions = captions;
  }

  get state(): TranscriptState {
    return this.#store.state;
  }

  get subscribe() {
    return this.#store.subscribe;
  }

  open(): void {
    this.#isClosed = false;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** Fetches what is newest, back to what is known: after a gap there may be much of it. */
  async begin(): Promise<void> {
    await this.#next(async () => {
      const known = utteranceIds(this.#captions.state.captions.rows);
      let page = await this.#add(undefined);
      const reachesKnown = () => page.items.some(({ id }) => known.has(id));
      if (!this.#hasBegun) {
        this.#goOnFrom(page);
        this.#hasBegun = true;
        return;
      }
      while (!reachesKnown() && page.olderCursor !== undefined && !this.#isClosed) {
        page = await this.#add(page.olderCursor);
      }
    });
  }

  async loadOlder(): Promise<void> {
    if (this.state.hasOlder && !this.state.isLoading) await this.#loadOlder();
  }

  /** Also behind another page that is on its way. */
  #loadOlder(): Promise<void> {
    return this.#next(async () => {
      if (!this.state.hasOlder) return;
      // What was dropped from the list lies between it and the cursor: from the end once more.
      if (this.#captions.state.captions.isTrimmed) this.#cursor = undefined;
      const first = firstId(this.#captions.state.captions.rows);
      let page = await this.#add(this.#cursor);
      const isSame = () => first === firstId(this.#captions.state.captions.rows);
      while (isSame() && page.olderCursor !== undefined && !this.#isClosed) {
        page = await this.#add(page.olderCursor);
      }
      this.#goOnFrom(page);
    });
  }

  /** Whether the caption is on the list now. */
  async show(captionId: string): Promise<boolean> {
    const isThere = () => utteranceIds(this.#captions.state.captions.rows).has(captionId);
    while (!isThere() && this.state.hasOlder && !this.state.error && !this.#isClosed) {
      await this.#loadOlder();
    }
    return isThere();
  }

  /** Whether it was saved. Why not is in the state. */
  correct(captionId: string, text: string): Promise<boolean> {
    return this.#attempt(async () => {
      this.#captions.addCaptions([await this.#transcript.correct(captionId, text)]);
    });
  }

  /** Whether it is gone. Why not is in the state. */
  remove(captionId: string): Promise<boolean> {
    return this.#attempt(async () => {
      await this.#transcript.remove(captionId);
      this.#captions.dropCaption(captionId);
    });
  }

  dismissError(): void {
    this.#store.change({ error: undefined });
  }

  async #attempt(change: () => Promise<void>): Promise<boolean> {
    try {
      await change();
      return true;
    } catch (thrown) {
      this.#store.change({ error: toParleyError(thrown) });
      return false;
    }
  }

  async #add(cursor: string | undefined): Promise<CaptionPage> {
    const page = await this.#transcript.captions({ cursor, limit: PAGE });
    if (!this.#isClosed) this.#captions.addCaptions(page.items);
    return page;
  }

  #goOnFrom({ olderCursor }: CaptionPage): void {
    this.#cursor = olderCursor;
    this.#store.change({ hasOlder: olderCursor !== undefined });
  }

  /** One after another: each begins where the one before ended. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (this.#isClosed) return;
      this.#store.change({ isLoading: true, error: undefined });
      try {
        await work();
        this.#store.change({ isLoading: false });
      } catch (thrown) {
        this.#store.change({ isLoading: false, error: toParleyError(thrown) });
      }
    });
    return this.#turn;
  }
}

function utteranceIds(rows: readonly CaptionRow[]): ReadonlySet<string> {
  return new Set(rows.flatMap((row) => (row.kind === "utterance" ? row.utteranceId : [])));
}

function firstId(rows: readonly CaptionRow[]): string | undefined {
  return rows.find((row) => row.kind === "utterance")?.key;
}
