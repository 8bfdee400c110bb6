import { ActionIcon, Popover } from "@mantine/core";
import { IconMoodPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { emojiList } from "./emoji-list.ts";
import styles from "./message-actions.module.css";

const COLUMNS = 6;
const steps: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowRight: 1,
  ArrowUp: -COLUMNS,
  ArrowDown: COLUMNS,
};

/** A button that opens a small choice of emoji. Arrow keys go about in it. */
export function EmojiPicker({ onChoose }: { onChoose: (emoji: string) => void }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} trapFocus returnFocus shadow="md" withinPortal>
      <Popover.Target>
        <ActionIcon
          data-testid="react"
          tabIndex={-1}
          variant="subtle"
          color="gray"
          size="md"
          aria-label={t("chat.react")}
          title={t("chat.react")}
          onClick={() => setOpen(!isOpen)}
        >
          <IconMoodPlus size={17} stroke={1.7} aria-hidden />
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown p={6} aria-label={t("chat.react")}>
        <div className={styles.emojis}>
          {emojiList.map((emoji) => (
            <button
              key={emoji}
              type="button"
              className={styles.emoji}
              aria-label={t("chat.reaction", { emoji })}
              onKeyDown={goAbout}
              onClick={() => {
                setOpen(false);
                onChoose(emoji);
              }}
            >
              {emoji}
            </button>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

function goAbout(event: React.KeyboardEvent<HTMLButtonElement>): void {
  const step = steps[event.key];
  const all = Array.from(event.currentTarget.parentElement?.children ?? []);
  const next = step === undefined ? undefined : all[all.indexOf(event.currentTarget) + step];
  if (!(next instanceof HTMLElement)) return;
  event.preventDefault();
  next.focus();
}
