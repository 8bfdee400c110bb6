import { Button, Menu } from "@mantine/core";
import { IconCheck, IconWorld } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { usePreferences } from "../services.ts";
import { interfaceLanguageNames, interfaceLanguages } from "../text/text.ts";
import { SchemeToggle } from "../ui/scheme-toggle.tsx";
import styles from "./page-header.module.css";

/** The top of the pages outside of rooms. `children` go beside the controls. */
export function PageHeader({ children }: { children?: React.ReactNode }) {
  const { t, i18n } = useTranslation();
  const [, change] = usePreferences();
  const current = interfaceLanguages.find((tag) => tag === i18n.language);
  return (
    <header className={styles.header}>
      <Link href="/" className={styles.brand}>
        <img src="/favicon.svg" alt="" width={28} height={28} />
        {t("app.name")}
      </Link>
      <div className={styles.controls} data-crowded={children !== undefined || undefined}>
        {children}
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <Button
              variant="subtle"
              color="gray"
              size="compact-md"
              aria-label={t("interface.change")}
              leftSection={<IconWorld size={17} stroke={1.7} aria-hidden />}
            >
              {current && (
                <span lang={current} className={styles.language}>
                  {interfaceLanguageNames[current]}
                </span>
              )}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {interfaceLanguages.map((tag) => (
              <Menu.Item
                key={tag}
                lang={tag}
                rightSection={tag === current && <IconCheck size={16} aria-hidden />}
                onClick={() => {
                  change({ interfaceLanguage: tag });
                  void i18n.changeLanguage(tag);
                }}
              >
                {interfaceLanguageNames[tag]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
        <SchemeToggle toLight={t("scheme.toLight")} toDark={t("scheme.toDark")} />
      </div>
    </header>
  );
}
