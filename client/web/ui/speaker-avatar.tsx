import styles from "./speaker-avatar.module.css";

type Props = {
  name: string;
  /** Decides the colour, the same for a person everywhere. */
  colourKey: string;
  /** The address of a picture, shown instead of the initials once it is there. */
  picture?: string | undefined;
  /** In CSS pixels. */
  size: number;
  speaking?: boolean;
};

/** A person's picture, or initials on their colour, with a ring while they speak. The name has to stand beside it. */
export function SpeakerAvatar({ name, colourKey, picture, size, speaking = false }: Props) {
  return (
    <span
      className={styles.avatar}
      data-speaking={speaking || undefined}
      data-colour={colourOf(colourKey)}
      style={{ inlineSize: size, blockSize: size, fontSize: size * 0.38 }}
      aria-hidden
    >
      {initials(name)}
      {picture !== undefined && (
        <img
          key={picture}
          className={styles.picture}
          src={picture}
          alt=""
          // Gone, or not for one's eyes: the initials are there.
          onError={({ currentTarget }) => (currentTarget.hidden = true)}
        />
      )}
    </span>
  );
}

/** Two letters of a name: of its first and last word, or its first two characters. */
export function initials(name: string): string {
  const words = name.split(/[\s_-]+/u).filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letter = (word: string | undefined) =>
    Array.from(word ?? "").find((character) => /[\p{L}\p{N}]/u.test(character)) ?? "";
  const last = words.length > 1 ? words.at(-1) : undefined;
  return (letter(words[0]) + letter(last)).toLocaleUpperCase() || "?";
}

const COLOURS = 8;

function colourOf(key: string): number {
  let sum = 0;
  for (const character of key) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 65_521;
  return sum % COLOURS;
}
