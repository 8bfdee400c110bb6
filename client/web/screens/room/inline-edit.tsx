import { Button, Textarea } from "@mantine/core";
import { useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./inline-edit.module.css";

type Props = {
  /** What the field holds. */
  label: string;
  text: string;
  /** Characters (UTF-16 code units). */
  limit: number;
  mayBeEmpty: boolean;
  /** Whether it was saved. */
  onSave: (text: string) => Promise<boolean>;
  onClose: () => void;
};

/** A text where it stands, in a line that takes the focus afterwards. Enter saves, Escape doesn't. */
export function InlineEdit({ label, text, limit, mayBeEmpty, onSave, onClose }: Props) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(text);
  const [isSaving, setSaving] = useState(false);
  const formRef = useRef<HTMLFormElement>(null);
  const close = () => {
    formRef.current?.closest("li")?.focus({ preventScroll: true });
    onClose();
  };
  // Also the buttons below the text, which grows.
  useLayoutEffect(() => {
    // In a block: newer browsers give a promise, which is no clean-up.
    formRef.current?.scrollIntoView({ block: "nearest" });
  });
  const isValid = (mayBeEmpty || draft.trim() !== "") && draft.length <= limit;
  const save = async () => {
    if (!isValid || isSaving) return;
    setSaving(true);
    const isDone = draft.trim() === text || (await onSave(draft));
    setSaving(false);
    if (isDone) close();
  };
  return (
    <form
      ref={formRef}
      className={styles.edit}
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Textarea
        data-testid="edit-input"
        // Whoever pressed "edit" is about to type here.
        ref={focusAtEnd}
        aria-label={label}
        autosize
        minRows={1}
        maxRows={8}
        dir="auto"
        value={draft}
        onChange={(event) => setDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "Escape") {
            event.stopPropagation();
            close();
          } else if (event.key === "Enter" && !event.shiftKey) {
            event.preventDefault();
            void save();
          }
        }}
      />
      <div className={styles.buttons}>
        <Button size="compact-sm" variant="subtle" color="gray" onClick={close}>
          {t("chat.cancel")}
        </Button>
        <Button
          data-testid="save-edit"
          size="compact-sm"
          type="submit"
          loading={isSaving}
          disabled={!isValid}
        >
          {t("chat.save")}
        </Button>
      </div>
    </form>
  );
}

function focusAtEnd(element: HTMLTextAreaElement | null): void {
  if (!element || element === document.activeElement) return;
  element.focus();
  element.setSelectionRange(element.value.length, element.value.length);
}
