import { ATTACHMENT_LIMIT } from "../../../../shared/chat.ts";
import type { AttachmentKind } from "../../../../shared/upload.ts";
import { type Parley, ParleyError, toParleyError } from "../../../sdk/index.ts";
import { Store } from "../../store.ts";

/** A file that is to go with the next message. */
export type AttachmentDraft = {
  key: string;
  file: File;
  /** `undefined`: neither a picture nor sound. */
  kind: AttachmentKind | undefined;
  /** From 0 to 1. */
  progress: number;
  /** Of what was stored. */
  uploadId?: string;
  error?: ParleyError;
};

export type AttachmentState = {
  drafts: readonly AttachmentDraft[];
  /** More files were chosen than a message takes. */
  isTooMany: boolean;
};

type Upload = Pick<Parley, "upload">;

/** Files that are sent while the message that they belong to is still being written. */
export class AttachmentDrafts {
  readonly #parley: Upload;
  readonly #roomId: string;
  readonly #discard: (uploadId: string) => void;
  readonly #store = new Store<AttachmentState>({ drafts: [], isTooMany: false });
  readonly #sending = new Map<string, AbortController>();

  /** `discard` is told of what was stored and isn't wanted after all. */
  constructor(parley: Upload, roomId: string, discard: (uploadId: string) => void) {
    this.#parley = parley;
    this.#roomId = roomId;
    this.#discard = discard;
  }

  get state(): AttachmentState {
    return this.#store.state;
  }

  get subscribe() {
    return this.#store.subscribe;
  }

  add(files: readonly File[]): void {
    const free = ATTACHMENT_LIMIT - this.state.drafts.length;
    const drafts = files.slice(0, free).map((file): AttachmentDraft => {
      const kind = kindOf(file.type);
      const error =
        kind === undefined
          ? new ParleyError("UPLOAD_TYPE_REFUSED", "Neither a picture nor sound.")
          : undefined;
      return { key: crypto.randomUUID(), file, kind, progress: 0, error };
    });
    this.#store.change({
      drafts: [...this.state.drafts, ...drafts],
      isTooMany: files.length > free,
    });
    for (const draft of drafts) void this.#upload(draft);
  }

  async sendAgain(key: string): Promise<void> {
    const draft = this.state.drafts.find((one) => one.key === key);
    if (draft) await this.#upload(draft);
  }

  remove(key: string): void {
    this.#sending.get(key)?.abort();
    const draft = this.state.drafts.find((one) => one.key === key);
    if (draft?.uploadId !== undefined) this.#discard(draft.uploadId);
    this.#store.change({
      drafts: this.state.drafts.filter((one) => one.key !== key),
      isTooMany: false,
    });
  }

  /** The stored files, which belong to a message from here on. */
  take(): string[] {
    const uploadIds = this.state.drafts.flatMap(({ uploadId }) => uploadId ?? []);
    this.#store.change({ drafts: [], isTooMany: false });
    return uploadIds;
  }

  close(): void {
    for (const { key } of this.state.drafts) this.remove(key);
  }

  async #upload({ key, file, kind }: AttachmentDraft): Promise<void> {
    if (kind === undefined) return;
    const sending = new AbortController();
    const { signal } = sending;
    this.#sending.set(key, sending);
    this.#change(key, { progress: 0, error: undefined });
    try {
      const { id } = await this.#parley.upload(file, {
        kind,
        roomId: this.#roomId,
        signal,
        onProgress: (sent, total) => this.#change(key, { progress: sent / Math.max(1, total) }),
      });
      if (signal.aborted) this.#discard(id);
      else this.#change(key, { progress: 1, uploadId: id });
    } catch (thrown) {
      if (!signal.aborted) this.#change(key, { error: toParleyError(thrown) });
    } finally {
      if (this.#sending.get(key) === sending) this.#sending.delete(key);
    }
  }

  #change(key: string, part: Partial<Pick<AttachmentDraft, "progress" | "uploadId" | "error">>) {
    const drafts = this.state.drafts.map((one) => (one.key === key ? { ...one, ...part } : one));
    this.#store.change({ drafts });
  }
}

/** By what the browser takes the file for. What is really in it the server finds out. */
function kindOf(type: string): AttachmentKind | undefined {
  if (type.startsWith("image/")) return "room-photo";
  // Recorders put sound alone into containers that are named after moving pictures.
  if (/^audio\/|^video\/(webm|ogg|mp4)$/u.test(type)) return "room-audio";
  return undefined;
}
