import type { LanguageTag } from "../../../shared/language.ts";
import { textDirection } from "./language-name.ts";

type Props = {
  /** What the text is written in, for fonts, hyphens and screen readers. */
  language?: LanguageTag;
  children: React.ReactNode;
  className?: string;
  testId?: string;
};

/** A paragraph in a language that needn't be the page's: named, and running its own way. */
export function ForeignText({ language, children, className, testId }: Props) {
  return (
    <p
      lang={language}
      dir={language === undefined ? "auto" : textDirection(language)}
      className={className}
      data-testid={testId}
    >
      {children}
    </p>
  );
}
