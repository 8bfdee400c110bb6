import { ActionIcon, CloseButton, TextInput } from "@mantine/core";
import { IconDownload, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { TranscriptExport } from "./transcript-export.tsx";
import { useFocusBack } from "./use-focus-back.ts";
import styles from "./transcript-bar.module.css";

type Props = { search: string | undefined; onSearch: (text: string | undefined) => void };

/** What can be done with all that was said: search it, and take it along. */
export function TranscriptBar({ search, onSearch }: Props) {
  const { t } = useTranslation();
  const [isExporting, setExporting] = useState(false);
  const [buttonRef, expectButton] = useFocusBack();
  const close = () => {
    expectButton();
    onSearch(undefined);
  };
  return (
    <div className={styles.bar} data-search={search !== undefined || undefined}>
      {search === undefined ? (
        <>
          <ActionIcon
            ref={buttonRef}
            data-testid="search-transcript"
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t("transcript.search")}
            title={t("transcript.search")}
            onClick={() => onSearch("")}
          >
            <IconSearch size={18} stroke={1.8} aria-hidden />
          </ActionIcon>
          <ActionIcon
            data-testid="export-transcript"
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t("transcript.exportTitle")}
            title={t("transcript.exportTitle")}
            onClick={() => setExporting(true)}
          >
            <IconDownload size={18} stroke={1.8} aria-hidden />
          </ActionIcon>
        </>
      ) : (
        <>
          <TextInput
            data-testid="transcript-search"
            className={styles.search}
            type="search"
            ref={focus}
            aria-label={t("transcript.search")}
            placeholder={t("transcript.searchPlaceholder")}
            leftSection={<IconSearch size={16} aria-hidden />}
            dir="auto"
            maxLength={200}
            value={search}
            onChange={(event) => onSearch(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Escape") close();
            }}
          />
          <CloseButton aria-label={t("transcript.closeSearch")} onClick={close} />
        </>
      )}
      <TranscriptExport isOpen={isExporting} onClose={() => setExporting(false)} />
    </div>
  );
}

function focus(element: HTMLInputElement | null): void {
  element?.focus();
}
