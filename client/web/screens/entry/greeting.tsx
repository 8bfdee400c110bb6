import { Title } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ForeignText } from "../../language/foreign-text.tsx";
import styles from "./greeting.module.css";

/** One sentence as a room shows it to people of several languages. It needs no translation itself. */
const voices = [
  { language: "en", text: "Shall we meet tomorrow?" },
  { language: "es", text: "¿Nos vemos mañana?" },
  { language: "zh", text: "我们明天见面好吗？" },
  { language: "ar", text: "هل نلتقي غدًا؟" },
];

/** Says in one line what this is, and shows it. */
export function Greeting() {
  const { t } = useTranslation();
  return (
    <section className={styles.greeting}>
      <Title order={1} className={styles.title}>
        {t("app.promise")}
      </Title>
      <div className={styles.voices} aria-hidden>
        {voices.map(({ language, text }) => (
          <ForeignText key={language} language={language} className={styles.voice}>
            {text}
          </ForeignText>
        ))}
      </div>
    </section>
  );
}
