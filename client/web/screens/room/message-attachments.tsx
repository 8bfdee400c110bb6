import { ActionIcon, Anchor, Modal } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Attachment } from "../../../../shared/upload.ts";
import styles from "./message-attachments.module.css";

/** Photos and sounds of a message. */
export function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
  if (attachments.length === 0) return null;
  const photos = attachments.filter(({ kind }) => kind === "room-photo");
  const sounds = attachments.filter(({ kind }) => kind === "room-audio");
  return (
    <div className={styles.attachments}>
      {photos.length > 0 && (
        <div className={styles.photos} data-several={photos.length > 1 || undefined}>
          {photos.map((photo) => (
            <Photo key={photo.id} photo={photo} />
          ))}
        </div>
      )}
      {sounds.map((sound) => (
        <Sound key={sound.id} sound={sound} />
      ))}
    </div>
  );
}

/** Its place is kept from the beginning: nothing moves when it comes. */
function Photo({ photo }: { photo: Attachment }) {
  const { t } = useTranslation();
  const [isLarge, setLarge] = useState(false);
  const { url, name, width, height } = photo;
  return (
    <>
      <button
        type="button"
        className={styles.photo}
        data-testid="photo"
        aria-label={t("chat.openPhoto", { name })}
        onClick={() => setLarge(true)}
        style={{ aspectRatio: width && height ? `${width} / ${height}` : undefined }}
      >
        <img src={url} alt="" width={width} height={height} loading="lazy" decoding="async" />
      </button>
      <Modal.Root opened={isLarge} onClose={() => setLarge(false)} fullScreen>
        <Modal.Content aria-label={t("chat.photo", { name })} className={styles.largeContent}>
          <Modal.Body className={styles.largeBody}>
            <div className={styles.largeHead}>
              <bdi className={styles.largeName}>{name}</bdi>
              <Anchor href={url} download={name} size="sm">
                {t("chat.downloadPhoto")}
              </Anchor>
              <ActionIcon
                variant="subtle"
                color="gray"
                size="lg"
                data-autofocus
                aria-label={t("chat.closePhoto")}
                onClick={() => setLarge(false)}
              >
                <IconX size={20} aria-hidden />
              </ActionIcon>
            </div>
            <img
              className={styles.large}
              data-testid="large-photo"
              src={url}
              alt={t("chat.photo", { name })}
              width={width}
              height={height}
            />
          </Modal.Body>
        </Modal.Content>
      </Modal.Root>
    </>
  );
}

function Sound({ sound }: { sound: Attachment }) {
  const { t } = useTranslation();
  return (
    <div className={styles.sound}>
      {/* Somebody's recording: there is no text of it. */}
      {/* oxlint-disable-next-line jsx-a11y/media-has-caption */}
      <audio
        data-testid="sound"
        controls
        preload="metadata"
        src={sound.url}
        aria-label={t("chat.sound", { name: sound.name })}
      />
      <bdi className={styles.soundName}>{sound.name}</bdi>
    </div>
  );
}
