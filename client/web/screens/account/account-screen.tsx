import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { OwnAccount } from "../../../../shared/account.ts";
import { PageHeader } from "../page-header.tsx";
import { BackToRooms } from "../back-to-rooms.tsx";
import { usePageTitle } from "../use-page-title.ts";
import { CaptionsSection } from "./captions-section.tsx";
import { DevicesSection } from "./devices-section.tsx";
import { EmailSection } from "./email-section.tsx";
import { PasswordSection } from "./password-section.tsx";
import { ProfileSection } from "./profile-section.tsx";
import { RemovalSection } from "./removal-section.tsx";
import { UpgradeSection } from "./upgrade-section.tsx";
import styles from "./account-screen.module.css";

/** All that one may change about oneself. */
export function AccountScreen({ account }: { account: OwnAccount }) {
  const { t } = useTranslation();
  usePageTitle(t("account.title"));
  return (
    <>
      <PageHeader />
      <main className={styles.main}>
        <div className={styles.heading}>
          <BackToRooms />
          <Title order={1} size="h2">
            {t("account.title")}
          </Title>
        </div>
        {account.guest && <UpgradeSection />}
        <ProfileSection account={account} />
        <CaptionsSection account={account} />
        {!account.guest && (
          <>
            <EmailSection account={account} />
            <PasswordSection account={account} />
          </>
        )}
        <DevicesSection />
        <RemovalSection account={account} />
      </main>
    </>
  );
}
