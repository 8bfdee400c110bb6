import { ActionIcon, CloseButton, Progress } from "@mantine/core";
import { IconPhoto, IconRefresh, IconVolume } from "@tabler/icons-react";
import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { errorSentence } from "../../text/error-sentence.ts";
import type { AttachmentDraft, AttachmentDrafts } from "./attachment-drafts.ts";
import styles from "./chat-composer.module.css";

type Props = { drafts: AttachmentDrafts; items: readonly AttachmentDraft[] };

/** Files that go with the message, with how far they are, and what went wrong with them. */
export function AttachmentList({ drafts, items }: Props) {
  const { t } = useTranslation();
  if (items.length === 0) return null;
  return (
    <ul className={styles.files} aria-label={t("chat.attachments")}>
      {items.map((draft) => (
        <AttachmentItem
          key={draft.key}
          draft={draft}
          onAgain={() => void drafts.sendAgain(draft.key)}
          onRemove={() => drafts.remove(draft.key)}
        />
      ))}
    </ul>
  );
}

type ItemProps = { draft: AttachmentDraft; onAgain: () => void; onRemove: () => void };

function AttachmentItem({ draft, onAgain, onRemove }: ItemProps) {
  const { t, i18n } = useTranslation();
  const { file, kind, progress, error, uploadId } = draft;
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent" }).format(progress);
  const label = t("chat.uploading", { name: file.name, percent });
  return (
    <li
      className={styles.file}
      data-testid="attachment"
      data-state={error ? "failed" : uploadId === undefined ? "sending" : "ready"}
    >
      {kind === "room-photo" ? (
        <Preview file={file} />
      ) : (
        <span className={styles.preview}>
          <IconVolume size={20} stroke={1.6} aria-hidden />
        </span>
      )}
      <div className={styles.fileAbout}>
        <bdi className={styles.fileName}>{file.name}</bdi>
        {error ? (
          <span className={styles.fileError} role="alert">
            {errorSentence(t, error)}
            {error.retryable ? "" : ` ${t("chat.removeToSend")}`}
          </span>
        ) : (
          uploadId === undefined && <Progress value={progress * 100} size="sm" aria-label={label} />
        )}
      </div>
      {error?.retryable && (
        <ActionIcon variant="subtle" aria-label={t("chat.retry")} onClick={onAgain}>
          <IconRefresh size={17} aria-hidden />
        </ActionIcon>
      )}
      <CloseButton
        size="sm"
        aria-label={t("chat.removeFile", { name: file.name })}
        onClick={onRemove}
      />
    </li>
  );
}

/** The picture as it is on this device. */
function Preview({ file }: { file: File }) {
  const [isShown, setShown] = useState(true);
  const show = useCallback(
    (image: HTMLImageElement) => {
      image.src = URL.createObjectURL(file);
      return () => URL.revokeObjectURL(image.src);
    },
    [file],
  );
  return (
    <span className={styles.preview}>
      {isShown ? (
        // What the browser can't show the server may still be able to read.
        <img ref={show} alt="" onError={() => setShown(false)} />
      ) : (
        <IconPhoto size={20} stroke={1.6} aria-hidden />
      )}
    </span>
  );
}
