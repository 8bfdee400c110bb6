import { ActionIcon, Menu } from "@mantine/core";
import { IconArrowBackUp, IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { EmojiPicker } from "./emoji-picker.tsx";
import styles from "./message-actions.module.css";

type Props = {
  /** Whether one may write here. */
  mayWrite: boolean;
  mayEdit: boolean;
  mayRemove: boolean;
  onReact: (emoji: string) => void;
  onReply: () => void;
  onEdit: () => void;
  onRemove: () => void;
};

/** What can be done about a message. In sight when the pointer or the focus is on it: see line-keys.ts. */
export function MessageActions(props: Props) {
  const { mayWrite, mayEdit, mayRemove, onReact, onReply, onEdit, onRemove } = props;
  const { t } = useTranslation();
  const button = useRef<HTMLButtonElement>(null);
  if (!mayWrite && !mayRemove) return null;
  return (
    <div className={styles.actions}>
      {mayWrite && <EmojiPicker onChoose={onReact} />}
      {mayWrite && (
        <ActionIcon
          data-testid="reply"
          tabIndex={-1}
          className={styles.reply}
          variant="subtle"
          color="gray"
          size="md"
          aria-label={t("chat.reply")}
          title={t("chat.reply")}
          onClick={onReply}
        >
          <IconArrowBackUp size={17} stroke={1.7} aria-hidden />
        </ActionIcon>
      )}
      {(mayEdit || mayRemove) && (
        <Menu position="bottom-end" shadow="md" withinPortal>
          <Menu.Target>
            <ActionIcon
              ref={button}
              data-testid="message-menu"
              tabIndex={-1}
              variant="subtle"
              color="gray"
              size="md"
              aria-label={t("chat.actions")}
              title={t("chat.actions")}
            >
              <IconDots size={17} stroke={1.7} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            {mayEdit && (
              <Menu.Item
                data-testid="edit-message"
                leftSection={<IconPencil size={16} aria-hidden />}
                onClick={onEdit}
              >
                {t("chat.edit")}
              </Menu.Item>
            )}
            {mayRemove && (
              <Menu.Item
                data-testid="remove-message"
                color="red"
                leftSection={<IconTrash size={16} aria-hidden />}
                onClick={() => {
                  // The question gives the focus back to what has it now, and this item goes.
                  button.current?.focus();
                  onRemove();
                }}
              >
                {t("chat.remove")}
              </Menu.Item>
            )}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
