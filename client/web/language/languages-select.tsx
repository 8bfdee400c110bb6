import {
  type ComboboxItem,
  type ComboboxParsedItem,
  MultiSelect,
  type MultiSelectProps,
} from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { LanguageTag } from "../../../shared/language.ts";
import { isInterpreted, type LanguageOption, matchesSearch } from "./language-options.ts";
import { nativeLanguageName } from "./language-name.ts";

type Props = Omit<MultiSelectProps, "data" | "value" | "onChange" | "filter"> & {
  options: readonly LanguageOption[];
  value: LanguageTag[];
  onChange: (tags: LanguageTag[]) => void;
};

/** A searchable choice of several languages, each named by its speakers. */
export function LanguagesSelect({ options, value, onChange, ...others }: Props) {
  const { t } = useTranslation();
  const byTag = useMemo(() => new Map(options.map((option) => [option.tag, option])), [options]);
  const data = useMemo(() => {
    const item = (tag: LanguageTag) => ({ value: tag, label: nativeLanguageName(tag) });
    const tags = (wanted: boolean) =>
      options.filter((option) => isInterpreted(option) === wanted).map(({ tag }) => item(tag));
    // What was chosen elsewhere, such as a regional form, must be on the list to be shown.
    const unlisted = value.filter((tag) => !byTag.has(tag)).map(item);
    return [
      { group: t("language.interpreted"), items: tags(true) },
      { group: t("language.others"), items: [...unlisted, ...tags(false)] },
    ].filter(({ items }) => items.length > 0);
  }, [options, value, byTag, t]);

  return (
    <MultiSelect
      {...others}
      searchable
      // So that Enter takes what was found, rather than send a form without it.
      selectFirstOptionOnChange
      hidePickedOptions
      autoComplete="off"
      spellCheck={false}
      maxDropdownHeight={280}
      nothingFoundMessage={t("language.nothingFound")}
      data={data}
      value={value}
      onChange={onChange}
      filter={({ options: groups, search }) => {
        const matches = ({ value: tag, label }: ComboboxItem) => {
          const option = byTag.get(tag);
          return option
            ? matchesSearch(option, search)
            : label.toLowerCase().includes(search.toLowerCase());
        };
        return groups.flatMap((group): ComboboxParsedItem[] => {
          if (!("group" in group)) return matches(group) ? [group] : [];
          const items = group.items.filter(matches);
          return items.length > 0 ? [{ ...group, items }] : [];
        });
      }}
    />
  );
}
