import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../../../shared/account.ts";
import { LanguageSelect } from "../../language/language-select.tsx";
import { useLanguageOptions } from "../../language/use-language-options.ts";
import { useLanguageChoices } from "./use-visit.ts";
import styles from "./language-choices.module.css";

/** What one hears, reads and speaks. It may be changed in the middle of a sentence. */
export function LanguageChoices({ account, isInBar }: { account: OwnAccount; isInBar?: boolean }) {
  const { t } = useTranslation();
  const options = useLanguageOptions();
  const { speak, hear, read, choose } = useLanguageChoices(account);
  const common = {
    options,
    size: isInBar ? "xs" : "md",
    comboboxProps: { position: "top-start", width: 300, shadow: "md" },
  } as const;
  return (
    <div className={styles.choices} data-in-bar={isInBar || undefined}>
      <LanguageSelect
        {...common}
        data-testid="hear-select"
        label={t("room.hear")}
        withOriginal
        value={hear}
        onChange={(tag) => choose({ hear: tag })}
      />
      <LanguageSelect
        {...common}
        data-testid="read-select"
        label={t("room.read")}
        withOriginal
        value={read}
        onChange={(tag) => choose({ read: tag })}
      />
      <LanguageSelect
        {...common}
        data-testid="speak-select"
        label={t("room.speak")}
        value={speak}
        onChange={(tag) => {
          if (tag !== null) choose({ speak: tag });
        }}
      />
    </div>
  );
}
