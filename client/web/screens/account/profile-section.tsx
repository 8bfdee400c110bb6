import { Button, FileButton, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../../../shared/account.ts";
import { useAccountChange } from "../../account.ts";
import { LanguageSelect } from "../../language/language-select.tsx";
import { useLanguageOptions } from "../../language/use-language-options.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { SpeakerAvatar } from "../../ui/speaker-avatar.tsx";
import { Section } from "./section.tsx";
import styles from "./profile-section.module.css";

const pictureTypes = "image/png,image/jpeg,image/webp,image/gif,image/avif";

/** How others see one: picture, name and language. */
export function ProfileSection({ account }: { account: OwnAccount }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const options = useLanguageOptions();
  const [name, setName] = useState(account.name);
  const rename = useAccountChange(() => parley.api.account.rename.mutate({ name }));
  const setLanguage = useAccountChange(async (language: string) => {
    const changed = await parley.setLanguage(language);
    // Who says they speak something else wants to hear and read that, too.
    if (Object.keys(changed.preferences.languages).length === 0) return changed;
    return await parley.api.account.setPreferences.mutate({ languages: {} });
  });
  const setPicture = useAccountChange(async (file: File | null) => {
    const uploaded = file && (await parley.upload(file, { kind: "avatar" }));
    return parley.api.account.setAvatar.mutate({ uploadId: uploaded?.id ?? null });
  });
  const error = rename.error ?? setLanguage.error;
  return (
    <Section title={t("account.profile")} onSubmit={() => rename.mutate()}>
      <div className={styles.picture}>
        <SpeakerAvatar
          name={account.name}
          colourKey={account.id}
          picture={account.avatarUrl}
          size={72}
        />
        <div className={styles.buttons}>
          <FileButton accept={pictureTypes} onChange={(file) => file && setPicture.mutate(file)}>
            {(props) => (
              <Button
                {...props}
                data-testid="choose-picture"
                variant="default"
                size="sm"
                loading={setPicture.isPending}
              >
                {t("account.choosePicture")}
              </Button>
            )}
          </FileButton>
          {account.avatarUrl !== undefined && (
            <Button
              variant="subtle"
              color="gray"
              size="sm"
              disabled={setPicture.isPending}
              onClick={() => setPicture.mutate(null)}
            >
              {t("account.removePicture")}
            </Button>
          )}
        </div>
      </div>
      {setPicture.error && <Message>{errorSentence(t, setPicture.error)}</Message>}
      <div className={styles.name}>
        <TextInput
          data-testid="account-name"
          className={styles.nameInput}
          label={t("entry.name")}
          autoComplete="nickname"
          dir="auto"
          maxLength={64}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button
          type="submit"
          variant="default"
          loading={rename.isPending}
          disabled={name === account.name}
        >
          {t("account.save")}
        </Button>
      </div>
      <LanguageSelect
        data-testid="account-language"
        label={t("entry.language")}
        description={t("entry.languageHelp")}
        options={options}
        value={account.language}
        onChange={(tag) => {
          if (tag !== null) setLanguage.mutate(tag);
        }}
      />
      {error && <Message>{errorSentence(t, error)}</Message>}
    </Section>
  );
}
