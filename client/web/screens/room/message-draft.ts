import { useEffect, useState } from "react";
import { useServices } from "../../services.ts";
import { Store } from "../../store.ts";
import { AttachmentDrafts } from "./attachment-drafts.ts";

type MessageDraftState = {
  text: string;
  /** The message that it answers. */
  replyToId?: string | undefined;
};

/** A message that is being written: it waits while the chat is closed, and is given up with the room. */
export class MessageDraft extends Store<MessageDraftState> {
  readonly files: AttachmentDrafts;

  constructor(files: AttachmentDrafts) {
    super({ text: "" });
    this.files = files;
  }
}

export function useMessageDraft(roomId: string): MessageDraft {
  const { parley } = useServices();
  const [draft] = useState(
    () =>
      new MessageDraft(
        new AttachmentDrafts(parley, roomId, (uploadId) => {
          // The server removes by itself what nothing uses.
          void parley.api.upload.remove.mutate({ uploadId }).catch(() => undefined);
        }),
      ),
  );
  useEffect(() => () => draft.files.close(), [draft]);
  return draft;
}
