import { Title } from "@mantine/core";
import { useId } from "react";
import styles from "./section.module.css";

type Props = {
  title: string;
  description?: string;
  children: React.ReactNode;
  /** What pressing Enter does. Without it the section is no form. */
  onSubmit?: () => void;
};

/** One matter of the account page. */
export function Section({ title, description, children, onSubmit }: Props) {
  const id = useId();
  const content = (
    <>
      <div>
        <Title order={2} size="h4" id={id}>
          {title}
        </Title>
        {description !== undefined && <p className={styles.description}>{description}</p>}
      </div>
      {children}
    </>
  );
  return (
    <section className={styles.section} aria-labelledby={id}>
      {onSubmit ? (
        <form
          className={styles.content}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            onSubmit();
          }}
        >
          {content}
        </form>
      ) : (
        <div className={styles.content}>{content}</div>
      )}
    </section>
  );
}
