import { IconInfoCircle, IconPencil, IconTrash } from "@tabler/icons-react";
import { ActionIcon } from "@mantine/core";
import { memo, useState } from "react";
import { useTranslation } from "react-i18next";
import { CAPTION_LIMIT } from "../../../../shared/caption.ts";
import type { LanguageTag } from "../../../../shared/language.ts";
import { ForeignText } from "../../language/foreign-text.tsx";
import { isolated } from "../../language/isolated.ts";
import { languageName } from "../../language/language-name.ts";
import { SpeakerAvatar } from "../../ui/speaker-avatar.tsx";
import { joiner, type NoticeRow, translationFor, type UtteranceRow } from "./caption-list.ts";
import { InlineEdit } from "./inline-edit.tsx";
import styles from "./caption-line.module.css";

type UtteranceProps = {
  row: UtteranceRow;
  /** The same person spoke just before: their name stands there already. */
  isContinued: boolean;
  /** A translation is coming, so its place is kept. */
  expectsTranslation: boolean;
  read: LanguageTag | null;
  /** The original beside a translation. */
  showsOriginal: boolean;
  /** Absent for those who may not. Gives whether it was saved. */
  onCorrect?: ((utteranceId: string, text: string) => Promise<boolean>) | undefined;
  /** Absent for those who may not. Asks first. */
  onRemove?: ((utteranceId: string) => void) | undefined;
};

/** One utterance: what was said, and beside it what that means. */
export const UtteranceLine = memo(function UtteranceLine(props: UtteranceProps) {
  const { row, isContinued, expectsTranslation, read, showsOriginal, onCorrect, onRemove } = props;
  const { t } = useTranslation();
  const [isEditing, setEditing] = useState(false);
  const { speaker, correctedBy } = row;
  const translation = translationFor(row, read);
  const hasTranslation = translation !== undefined || expectsTranslation;
  // What is not translated after all is read as it was said.
  const hidesOriginal =
    !showsOriginal && (translation !== undefined || !row.final) && hasTranslation;
  const original = hidesOriginal ? "" : row.stable + row.unstable;
  return (
    <li
      id={`caption-${row.utteranceId}`}
      className={styles.line}
      tabIndex={-1}
      data-testid="caption"
      data-utterance={row.utteranceId}
      data-speaker={speaker.accountId}
      data-state={row.final ? "final" : "partial"}
      data-continued={isContinued || undefined}
      data-pair={(hasTranslation && !hidesOriginal) || undefined}
    >
      {!isContinued && (
        <>
          <span className={styles.avatar}>
            <SpeakerAvatar name={speaker.name} colourKey={speaker.accountId} size={32} />
          </span>
          <div className={styles.head}>
            <bdi className={styles.name}>{speaker.name}</bdi>
            {row.startedAt !== undefined && <StartTime at={row.startedAt} />}
          </div>
        </>
      )}
      {isEditing && onCorrect ? (
        <div className={styles.editor}>
          <InlineEdit
            label={t("transcript.correcting")}
            text={row.stable}
            limit={CAPTION_LIMIT}
            mayBeEmpty={false}
            onSave={(text) => onCorrect(row.utteranceId, text)}
            onClose={() => setEditing(false)}
          />
        </div>
      ) : (
        <div className={styles.texts}>
          {original !== "" && (
            <ForeignText
              language={row.language}
              className={styles.original}
              testId="caption-original"
            >
              {row.stable}
              {row.unstable !== "" && (
                <span className={styles.unstable}>
                  {joiner(row.stable)}
                  {row.unstable}
                </span>
              )}
              {row.cut && <span className={styles.cut}> — {t("room.cutShort")}</span>}
            </ForeignText>
          )}
          {translation ? (
            <ForeignText
              language={translation.language}
              className={translation.final ? styles.translation : styles.growing}
              testId="caption-translation"
            >
              {translation.text}
            </ForeignText>
          ) : (
            expectsTranslation && (
              <p className={styles.waiting} aria-label={t("room.translating")}>
                …
              </p>
            )
          )}
        </div>
      )}
      {correctedBy && !isEditing && (
        <p className={styles.corrected} data-testid="corrected">
          {correctedBy.name === undefined
            ? t("transcript.corrected")
            : t("transcript.correctedBy", { name: isolated(correctedBy.name) })}
        </p>
      )}
      {row.final && !isEditing && (onCorrect ?? onRemove) && (
        <div className={styles.actions}>
          {onCorrect && (
            <ActionIcon
              data-testid="correct"
              tabIndex={-1}
              variant="subtle"
              color="gray"
              size="md"
              aria-label={t("transcript.correctLabel", { name: isolated(speaker.name) })}
              title={t("transcript.correct")}
              onClick={() => setEditing(true)}
            >
              <IconPencil size={16} stroke={1.7} aria-hidden />
            </ActionIcon>
          )}
          {onRemove && (
            <ActionIcon
              data-testid="remove-caption"
              tabIndex={-1}
              variant="subtle"
              color="gray"
              size="md"
              aria-label={t("transcript.removeLabel", { name: isolated(speaker.name) })}
              title={t("transcript.remove")}
              onClick={() => onRemove(row.utteranceId)}
            >
              <IconTrash size={16} stroke={1.7} aria-hidden />
            </ActionIcon>
          )}
        </div>
      )}
    </li>
  );
});

function StartTime({ at }: { at: string }) {
  const { i18n } = useTranslation();
  const time = new Date(at).toLocaleTimeString(i18n.language, { timeStyle: "short" });
  return (
    <time dateTime={at} className={styles.time}>
      {time}
    </time>
  );
}

/** Why something that one would expect here isn't here. */
type NoticeProps = {
  row: NoticeRow;
  /** It is about what the reader says. */
  isOwn: boolean;
};

export const NoticeLine = memo(function NoticeLine({ row, isOwn }: NoticeProps) {
  const { t, i18n } = useTranslation();
  const language =
    row.language === undefined
      ? t("notice.someLanguage")
      : languageName(row.language, i18n.language);
  return (
    <li className={styles.notice} data-testid="notice" data-notice={row.notice}>
      <IconInfoCircle size={17} stroke={1.7} aria-hidden className={styles.noticeIcon} />
      <span>
        {isOwn && row.notice === "recogniser-unavailable"
          ? t("notice.ownLanguage", { language })
          : t(`notice.${row.notice}`, { name: isolated(row.speaker.name), language })}
      </span>
    </li>
  );
});
