import { ActionIcon, Button, TextInput } from "@mantine/core";
import { IconArrowRight, IconPlus, IconTrash, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { ROOM_LIMITS } from "../../../../shared/room.ts";
import { LanguageSelect } from "../../language/language-select.tsx";
import { useLanguageOptions } from "../../language/use-language-options.ts";
import { Message } from "../../ui/message.tsx";
import {
  type GlossaryPair,
  glossaryRoom,
  type GlossaryTerm,
  isGlossaryComplete,
  newPair,
  newTerm,
} from "./room-draft.ts";
import styles from "./glossary-editor.module.css";

/** In CSS pixels: a language's names and what is done for it, which is more than the field may be. */
const LIST_WIDTH = 280;

type Props = { pairs: GlossaryPair[]; onChange: (pairs: GlossaryPair[]) => void };

/** Terms and what they must become, by pair of languages. */
export function GlossaryEditor({ pairs, onChange }: Props) {
  const { t } = useTranslation();
  const { forTerm, forPair } = glossaryRoom(pairs);
  return (
    <fieldset className={styles.glossary}>
      <legend className={styles.legend}>{t("roomSettings.glossary")}</legend>
      <p className={styles.help}>{t("roomSettings.glossaryHelp")}</p>
      {pairs.map((pair) => (
        <PairEditor
          key={pair.key}
          pair={pair}
          hasRoom={forTerm}
          onChange={(changed) =>
            onChange(pairs.map((other) => (other.key === pair.key ? changed : other)))
          }
          onRemove={() => onChange(pairs.filter(({ key }) => key !== pair.key))}
        />
      ))}
      {!isGlossaryComplete(pairs) && <Message>{t("roomSettings.pairIncomplete")}</Message>}
      {forPair && (
        <Button
          data-testid="add-pair"
          variant="default"
          size="compact-sm"
          className={styles.add}
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={() => onChange([...pairs, newPair()])}
        >
          {t("roomSettings.addPair")}
        </Button>
      )}
    </fieldset>
  );
}

type PairProps = {
  pair: GlossaryPair;
  /** Whether another term fits in. */
  hasRoom: boolean;
  onChange: (pair: GlossaryPair) => void;
  onRemove: () => void;
};

function PairEditor({ pair, hasRoom, onChange, onRemove }: PairProps) {
  const { t } = useTranslation();
  const options = useLanguageOptions();
  const { terms } = pair;
  const change = (key: number, part: Partial<GlossaryTerm>) =>
    onChange({
      ...pair,
      terms: terms.map((term) => (term.key === key ? { ...term, ...part } : term)),
    });
  return (
    <div className={styles.pair}>
      <div className={styles.line}>
        <LanguageSelect
          aria-label={t("roomSettings.from")}
          placeholder={t("roomSettings.from")}
          data-testid="glossary-from"
          options={options}
          value={pair.from}
          onChange={(from) => onChange({ ...pair, from })}
          comboboxProps={{ width: LIST_WIDTH, position: "bottom-start" }}
        />
        <IconArrowRight size={16} className={styles.arrow} aria-hidden />
        <LanguageSelect
          aria-label={t("roomSettings.to")}
          placeholder={t("roomSettings.to")}
          data-testid="glossary-to"
          options={options}
          value={pair.to}
          onChange={(to) => onChange({ ...pair, to })}
          comboboxProps={{ width: LIST_WIDTH, position: "bottom-end" }}
        />
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={t("roomSettings.removePair")}
          title={t("roomSettings.removePair")}
          onClick={onRemove}
        >
          <IconTrash size={17} stroke={1.7} />
        </ActionIcon>
      </div>
      {terms.map(({ key, term, translation }) => (
        <div key={key} className={styles.line}>
          <TextInput
            aria-label={t("roomSettings.term")}
            placeholder={t("roomSettings.term")}
            data-testid="glossary-term"
            lang={pair.from ?? undefined}
            dir="auto"
            maxLength={ROOM_LIMITS.termLength}
            value={term}
            onChange={(event) => change(key, { term: event.currentTarget.value })}
          />
          <IconArrowRight size={16} className={styles.arrow} aria-hidden />
          <TextInput
            aria-label={t("roomSettings.translation")}
            placeholder={t("roomSettings.translation")}
            data-testid="glossary-translation"
            lang={pair.to ?? undefined}
            dir="auto"
            maxLength={ROOM_LIMITS.termLength}
            value={translation}
            onChange={(event) => change(key, { translation: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t("roomSettings.removeTerm")}
            title={t("roomSettings.removeTerm")}
            onClick={() => onChange({ ...pair, terms: terms.filter((other) => other.key !== key) })}
          >
            <IconX size={17} stroke={1.7} />
          </ActionIcon>
        </div>
      ))}
      {hasRoom && (
        <Button
          variant="subtle"
          size="compact-sm"
          className={styles.add}
          leftSection={<IconPlus size={15} aria-hidden />}
          onClick={() => onChange({ ...pair, terms: [...terms, newTerm()] })}
        >
          {t("roomSettings.addTerm")}
        </Button>
      )}
    </div>
  );
}
