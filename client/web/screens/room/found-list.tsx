import { Button, Loader } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import styles from "./found-list.module.css";

export type Found = { id: string; name: string; at: string; texts: React.ReactNode };

type Props = {
  label: string;
  nothing: string;
  searching: string;
  more: string;
  /** Absent while they are looked for. */
  items: readonly Found[] | undefined;
  error: unknown;
  hasMore: boolean;
  isLoadingMore: boolean;
  onMore: () => void;
  onChoose?: (id: string) => void;
};

/** What a search found, newest first. */
export function FoundList(props: Props) {
  const { label, nothing, searching, more, items, error, hasMore, isLoadingMore, onMore } = props;
  const { onChoose } = props;
  const { t, i18n } = useTranslation();
  return (
    <div className={styles.found} aria-busy={items === undefined}>
      {error !== null && <Message>{errorSentence(t, error)}</Message>}
      {items === undefined && error === null && (
        <output className={styles.status}>
          <Loader size="xs" aria-hidden /> {searching}
        </output>
      )}
      {items?.length === 0 && <output className={styles.status}>{nothing}</output>}
      <ul className={styles.list} aria-label={label}>
        {items?.map(({ id, name, at, texts }) => (
          <li key={id}>
            <button
              type="button"
              className={styles.item}
              data-testid="found"
              disabled={!onChoose}
              onClick={() => onChoose?.(id)}
            >
              <span className={styles.head}>
                <bdi className={styles.name}>{name}</bdi>
                <time dateTime={at}>
                  {new Date(at).toLocaleString(i18n.language, {
                    dateStyle: "medium",
                    timeStyle: "short",
                  })}
                </time>
              </span>
              {texts}
            </button>
          </li>
        ))}
      </ul>
      {hasMore && (
        <Button variant="default" size="compact-md" loading={isLoadingMore} onClick={onMore}>
          {more}
        </Button>
      )}
    </div>
  );
}
