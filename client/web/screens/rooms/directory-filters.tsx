import { Button, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconCurrentLocation, IconSearch } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { LanguageSelect } from "../../language/language-select.tsx";
import { useLanguageOptions } from "../../language/use-language-options.ts";
import { findPlace } from "../../place.ts";
import { Message } from "../../ui/message.tsx";
import type { DirectoryFilter } from "./use-directory.ts";
import styles from "./directory-filters.module.css";

type Props = { filter: DirectoryFilter; onChange: (part: Partial<DirectoryFilter>) => void };

/** Finds public rooms by words, by what is spoken there, and by how near they are. */
export function DirectoryFilters({ filter, onChange }: Props) {
  const { t } = useTranslation();
  const options = useLanguageOptions();
  const find = useMutation({ mutationFn: findPlace, onSuccess: (near) => onChange({ near }) });
  const isNear = filter.near !== undefined;
  return (
    <search className={styles.filters}>
      <TextInput
        type="search"
        data-testid="search-rooms"
        className={styles.text}
        aria-label={t("rooms.search")}
        placeholder={t("rooms.searchPlaceholder")}
        leftSection={<IconSearch size={17} stroke={1.8} aria-hidden />}
        autoComplete="off"
        dir="auto"
        maxLength={256}
        value={filter.text}
        onChange={(event) => onChange({ text: event.currentTarget.value })}
      />
      <LanguageSelect
        data-testid="filter-language"
        className={styles.language}
        aria-label={t("rooms.spokenLanguage")}
        none={t("rooms.anyLanguage")}
        options={options}
        value={filter.language}
        onChange={(language) => onChange({ language })}
      />
      <Button
        data-testid="near-me"
        variant={isNear ? "light" : "default"}
        aria-pressed={isNear}
        loading={find.isPending}
        leftSection={<IconCurrentLocation size={17} stroke={1.8} aria-hidden />}
        onClick={() => (isNear ? onChange({ near: undefined }) : find.mutate())}
      >
        {t("rooms.near")}
      </Button>
      {find.isError && !isNear && (
        <div className={styles.fault}>
          <Message dismiss={{ label: t("failure.dismiss"), run: find.reset }}>
            {t("rooms.nearFailed")}
          </Message>
        </div>
      )}
    </search>
  );
}
