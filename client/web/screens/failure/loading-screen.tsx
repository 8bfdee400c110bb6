import { Center, Loader, VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";

export function LoadingScreen() {
  const { t } = useTranslation();
  return (
    <Center mih="100dvh" component="main">
      <output>
        <Loader type="dots" aria-hidden />
        <VisuallyHidden>{t("app.loading")}</VisuallyHidden>
      </output>
    </Center>
  );
}
