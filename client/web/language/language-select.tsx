import {
  type ComboboxItem,
  type ComboboxParsedItem,
  type OptionsFilter,
  Select,
  type SelectProps,
  VisuallyHidden,
} from "@mantine/core";
import { IconEar, IconLanguage, IconVolume } from "@tabler/icons-react";
import { type KeyboardEvent, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { LanguageTag } from "../../../shared/language.ts";
import { isInterpreted, type LanguageOption, matchesSearch } from "./language-options.ts";
import { languageName, nativeLanguageName } from "./language-name.ts";
import styles from "./language-select.module.css";

/** The value of choosing none, such as "originals only". No language tag has a star. */
const NONE = "*";

type Props = Omit<SelectProps, "data" | "value" | "onChange" | "renderOption" | "filter"> & {
  options: readonly LanguageOption[];
  /** `null`: none of them. */
  value: LanguageTag | null;
  onChange: (tag: LanguageTag | null) => void;
  /** Offers "originals only". */
  withOriginal?: boolean;
  /** Offers to choose none, in these words. */
  none?: string;
};

/** A searchable choice among languages, each named by its speakers, with what is done for it. */
export function LanguageSelect(props: Props) {
  const { options, value, onChange, withOriginal, none, ...others } = props;
  const { t, i18n } = useTranslation();
  const noneLabel = withOriginal ? t("language.original") : none;
  const data = useMemo(() => {
    const item = ({ tag, native }: LanguageOption): ComboboxItem => ({ value: tag, label: native });
    const interpreted = options.filter(isInterpreted).map(item);
    const rest = options.filter((option) => !isInterpreted(option)).map(item);
    // What was chosen elsewhere, such as a regional form, must be on the list to be shown.
    const isListed = value === null || options.some(({ tag }) => tag === value);
    const own = isListed ? [] : [{ value, label: nativeLanguageName(value) }];
    return [
      ...(noneLabel === undefined ? [] : [{ value: NONE, label: noneLabel }]),
      ...own,
      ...(interpreted.length > 0 ? [{ group: t("language.interpreted"), items: interpreted }] : []),
      { group: t("language.others"), items: rest },
    ];
  }, [options, value, noneLabel, t]);
  const byTag = useMemo(() => new Map(options.map((option) => [option.tag, option])), [options]);

  const filter: OptionsFilter = ({ options: items, search }) => {
    const matches = (item: ComboboxItem) => {
      const option = byTag.get(item.value);
      if (option) return matchesSearch(option, search);
      return item.label.toLowerCase().includes(search.trim().toLowerCase());
    };
    return items.flatMap((item): ComboboxParsedItem[] => {
      if (!("group" in item)) return matches(item) ? [item] : [];
      const found = item.items.filter(matches);
      return found.length > 0 ? [{ ...item, items: found }] : [];
    });
  };

  /**
   * Enter takes what is marked. Mantine takes what its own count says, which the opening of the list
   * resets by a timer; keys come before timers, so that a fast typist would send the form instead.
   */
  const takeMarked = (event: KeyboardEvent<HTMLInputElement>) => {
    const { key, nativeEvent, currentTarget } = event;
    const isSearch =
      currentTarget.value !== (value === null ? noneLabel : nativeLanguageName(value));
    if (key !== "Enter" || nativeEvent.isComposing || !isSearch) return;
    const list = document.getElementById(currentTarget.getAttribute("aria-controls") ?? "");
    const marked = list?.querySelector<HTMLElement>("[data-combobox-selected]");
    if (!marked) return;
    event.preventDefault();
    event.stopPropagation();
    marked.click();
  };

  return (
    <Select
      {...others}
      searchable
      // So that Enter takes what was found, rather than send a form with what was there before.
      selectFirstOptionOnChange
      allowDeselect={false}
      autoComplete="off"
      spellCheck={false}
      withCheckIcon={false}
      maxDropdownHeight={320}
      nothingFoundMessage={t("language.nothingFound")}
      data={data}
      value={value ?? NONE}
      filter={filter}
      onFocus={(event) => event.currentTarget.select()}
      onKeyDownCapture={takeMarked}
      onChange={(tag) => {
        if (tag !== null) onChange(tag === NONE ? null : tag);
      }}
      renderOption={({ option: { value: tag, label } }) => (
        <LanguageChoice
          label={label}
          local={tag === NONE ? undefined : languageName(tag, i18n.language)}
          tag={tag === NONE ? undefined : tag}
          option={byTag.get(tag)}
        />
      )}
    />
  );
}

type ChoiceProps = {
  label: string;
  local?: string;
  tag?: LanguageTag;
  option?: LanguageOption;
};

function LanguageChoice({ label, local, tag, option }: ChoiceProps) {
  const { t } = useTranslation();
  const abilities = option?.abilities;
  return (
    <span className={styles.choice} data-language={tag}>
      <bdi lang={tag}>{label}</bdi>
      {local !== undefined && local.toLowerCase() !== label.toLowerCase() && (
        <bdi className={styles.local}>{local}</bdi>
      )}
      <span className={styles.abilities}>
        {abilities?.recognised && <Ability icon={IconEar} label={t("language.recognised")} />}
        {abilities?.translated && <Ability icon={IconLanguage} label={t("language.translated")} />}
        {abilities?.spoken && (abilities.recognised || abilities.translated) && (
          <Ability icon={IconVolume} label={t("language.spoken")} />
        )}
      </span>
    </span>
  );
}

function Ability({ icon: Icon, label }: { icon: typeof IconEar; label: string }) {
  return (
    <span title={label}>
      <Icon size={15} stroke={1.8} aria-hidden />
      <VisuallyHidden>, {label}</VisuallyHidden>
    </span>
  );
}
