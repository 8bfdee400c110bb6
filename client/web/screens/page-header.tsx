import { NativeSelect } from "@mantine/core";
import { IconWorld } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { nativeLanguageName } from "../language/language-name.ts";
import { usePreferences } from "../services.ts";
import { interfaceLanguages } from "../text/text.ts";
import { SchemeToggle } from "../ui/scheme-toggle.tsx";
import styles from "./page-header.module.css";

/** The top of the pages outside of rooms. `children` go beside the controls. */
export function PageHeader({ children }: { children?: React.ReactNode }) {
  const { t, i18n } = useTranslation();
  const [, change] = usePreferences();
  return (
    <header className={styles.header}>
      <Link href="/" className={styles.brand}>
        <img src="/favicon.svg" alt="" width={28} height={28} />
        {t("app.name")}
      </Link>
      <div className={styles.controls}>
        {children}
        <NativeSelect
          aria-label={t("interface.change")}
          variant="unstyled"
          size="sm"
          leftSection={<IconWorld size={17} stroke={1.7} aria-hidden />}
          value={i18n.language}
          data={interfaceLanguages.map((value) => ({ value, label: nativeLanguageName(value) }))}
          onChange={(event) => {
            const chosen = interfaceLanguages.find((tag) => tag === event.currentTarget.value);
            if (!chosen) return;
            change({ interfaceLanguage: chosen });
            void i18n.changeLanguage(chosen);
          }}
        />
        <SchemeToggle toLight={t("scheme.toLight")} toDark={t("scheme.toDark")} />
      </div>
    </header>
  );
}
