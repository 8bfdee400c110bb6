import { Title } from "@mantine/core";
import { PageHeader } from "../page-header.tsx";
import { usePageTitle } from "../use-page-title.ts";
import { Greeting } from "./greeting.tsx";
import styles from "./entry-page.module.css";

type Props = {
  title: string;
  children: React.ReactNode;
  /** What pressing Enter does. Without it the card is no form. */
  onSubmit?: () => void;
  /** Below the card's content: other ways in. */
  footer?: React.ReactNode;
};

/** The frame of every page that one sees before being signed in: what this is, and a card. */
export function EntryPage({ title, children, onSubmit, footer }: Props) {
  usePageTitle(title);
  const content = (
    <>
      <Title order={2} size="h3">
        {title}
      </Title>
      {children}
    </>
  );
  return (
    <div className={styles.page}>
      <PageHeader />
      <main className={styles.main}>
        <Greeting />
        <div className={styles.card}>
          {onSubmit ? (
            <form
              className={styles.form}
              noValidate
              onSubmit={(event) => {
                event.preventDefault();
                onSubmit();
              }}
            >
              {content}
            </form>
          ) : (
            <div className={styles.form}>{content}</div>
          )}
          {footer && <div className={styles.footer}>{footer}</div>}
        </div>
      </main>
    </div>
  );
}
