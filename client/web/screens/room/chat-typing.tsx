import { useTranslation } from "react-i18next";
import type { Account } from "../../../../shared/account.ts";
import { isolated } from "../../language/isolated.ts";
import type { ChatFeed } from "./chat-feed.ts";
import { useChatState } from "./use-chat.ts";
import { useVisitState } from "./use-visit.ts";
import styles from "./chat-panel.module.css";

/** More names than this say less than "several". */
const NAMED = 3;

/** Who is writing at this moment. Its place is always kept. */
export function ChatTyping({ chat, account }: { chat: ChatFeed; account: Account }) {
  const { t, i18n } = useTranslation();
  const typing = useChatState(chat).conversation?.typing ?? [];
  const members = useVisitState((state) => state.room?.room.members);
  const names = typing
    .filter((accountId) => accountId !== account.id)
    .flatMap((id) => members?.find(({ accountId }) => accountId === id)?.name ?? []);
  const list = new Intl.ListFormat(i18n.language).format(names.map(isolated));
  return (
    <output className={styles.typing} data-testid="typing">
      {names.length === 1 && t("chat.typing", { names: list })}
      {names.length > 1 && names.length <= NAMED && t("chat.typingMany", { names: list })}
      {names.length > NAMED && t("chat.typingCrowd")}
    </output>
  );
}
