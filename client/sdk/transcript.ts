import {
  type Caption,
  type CaptionPage,
  captionsPath,
  type CaptionSelection,
  type FoundCaption,
} from "../../shared/caption.ts";
import type { LanguageTag } from "../../shared/language.ts";
import type { Page } from "../../shared/page.ts";
import type { Api } from "./connection.ts";
import { refusalOf, toParleyError, unreachable } from "./parley-error.ts";

export type CaptionListOptions = {
  /** A cursor of the page before. Absent: the newest captions, or the oldest for "after". */
  cursor?: string | undefined;
  direction?: "before" | "after";
  limit?: number;
  /** Leaves the translation into this language; `null` leaves none. Absent: all of them. */
  read?: LanguageTag | null;
};

/**
 * What was said in a room and kept. Whoever shows it before live captions asks for it when the call says
 * `captionsReady`: then nothing is missing between the two, and what is in both has one id, which live
 * events call `utteranceId`.
 */
export interface Transcript {
  readonly roomId: string;
  /** Newest first. */
  captions(options?: CaptionListOptions): Promise<CaptionPage>;
  /** What has every word of the text, in what was said or a translation. Newest first. */
  search(text: string, options?: { cursor?: string; limit?: number }): Promise<Page<FoundCaption>>;
  /** By its speaker, or a moderator. Translations into all its languages follow, as live captions. */
  correct(captionId: string, text: string): Promise<Caption>;
  /** By its speaker, or a moderator. Nothing of it is left. */
  remove(captionId: string): Promise<void>;
  /** Where a browser downloads it from that signed in on the server's own pages: for a link. */
  downloadUrl(selection: CaptionSelection): string;
  download(selection: CaptionSelection, options?: { signal?: AbortSignal }): Promise<Blob>;
}

export type TranscriptDependencies = {
  url: string;
  api: Api;
  /** What says who a request is from. */
  token: () => Promise<string | undefined>;
};

export function openTranscript(deps: TranscriptDependencies, roomId: string): Transcript {
  const { api, url, token } = deps;
  const downloadUrl = (selection: CaptionSelection) =>
    new URL(captionsPath(roomId, selection), url).href;

  return {
    roomId,
    captions: (options = {}) => attempt(() => api.call.captions.query({ roomId, ...options })),
    search: (text, options = {}) =>
      attempt(() => api.call.searchCaptions.query({ roomId, text, ...options })),
    correct: (captionId, text) =>
      attempt(() => api.call.correctCaption.mutate({ captionId, text })),
    remove: (captionId) => attempt(() => api.call.removeCaption.mutate({ captionId })),
    downloadUrl,
    download: (selection, { signal } = {}) =>
      attempt(async () => {
        const bearer = await token();
        const answer = await request(downloadUrl(selection), bearer, signal);
        if (!answer.ok) throw refusalOf(await answer.text());
        return await answer.blob();
      }),
  };
}

async function request(url: string, token: string | undefined, signal?: AbortSignal) {
  const headers: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` };
  try {
    return await fetch(url, { headers, credentials: "include", ...(signal && { signal }) });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw unreachable(cause);
  }
}

async function attempt<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toParleyError(error);
  }
}
