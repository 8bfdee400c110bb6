import { useEffect } from "react";
import { useTranslation } from "react-i18next";

/** What the page is called, while it is shown: in the browser's tab and history, and to screen readers. */
export function usePageTitle(title: string | undefined): void {
  const { t } = useTranslation();
  const app = t("app.name");
  useEffect(() => {
    document.title = title === undefined ? app : `${title} · ${app}`;
    return () => {
      document.title = app;
    };
  }, [title, app]);
}
