import { TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { LanguageTag } from "../../../../shared/language.ts";
import { preferredLanguage } from "../../language/language-options.ts";
import { LanguageSelect } from "../../language/language-select.tsx";
import { useLanguageOptions } from "../../language/use-language-options.ts";
import { usePreferences } from "../../services.ts";

/** A name and a language: what this browser remembers, else the language that it is in itself. */
export function usePerson() {
  const [preferences, change] = usePreferences();
  const options = useLanguageOptions();
  const [name, setName] = useState(preferences.name ?? "");
  const [language, setLanguage] = useState<LanguageTag>(
    () => preferences.language ?? preferredLanguage(navigator.languages, options),
  );
  return { name, setName, language, setLanguage, remember: () => change({ name, language }) };
}

type Props = { person: ReturnType<typeof usePerson>; languageHelp?: string };

export function PersonFields({ person, languageHelp }: Props) {
  const { t } = useTranslation();
  const { name, setName, language, setLanguage } = person;
  const options = useLanguageOptions();
  return (
    <>
      <TextInput
        data-testid="name-input"
        size="md"
        label={t("entry.name")}
        placeholder={t("entry.namePlaceholder")}
        autoComplete="nickname"
        dir="auto"
        maxLength={64}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <LanguageSelect
        data-testid="language-select"
        size="md"
        label={t("entry.language")}
        description={languageHelp}
        options={options}
        value={language}
        onChange={(tag) => {
          if (tag !== null) setLanguage(tag);
        }}
      />
    </>
  );
}
