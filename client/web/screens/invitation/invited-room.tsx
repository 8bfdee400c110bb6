import { useTranslation } from "react-i18next";
import type { RoomInvitation } from "../../../../shared/room.ts";
import { nativeLanguageName } from "../../language/language-name.ts";
import { SpeakerAvatar } from "../../ui/speaker-avatar.tsx";
import styles from "./invited-room.module.css";

/** So many are shown by their pictures. */
const SHOWN = 6;

/** What somebody sees of a room who is asked in. */
export function InvitedRoom({ invitation: { room, people } }: { invitation: RoomInvitation }) {
  const { t } = useTranslation();
  const names = people.slice(0, SHOWN).map(({ name }) => name);
  return (
    <div className={styles.room} data-testid="invited-room">
      {room.description !== "" && (
        <p className={styles.description} dir="auto">
          {room.description}
        </p>
      )}
      {people.length > 0 && (
        <div className={styles.people}>
          <span className={styles.faces}>
            {people.slice(0, SHOWN).map(({ name, avatarUrl }, index) => (
              // People without an id, and a list that never changes.
              // oxlint-disable-next-line react/no-array-index-key
              <span key={index} className={styles.face}>
                <SpeakerAvatar name={name} colourKey={name} picture={avatarUrl} size={34} />
              </span>
            ))}
          </span>
          <span className={styles.names}>
            <bdi>{names.join(", ")}</bdi>
            {room.memberCount > names.length && ` +${room.memberCount - names.length}`}
          </span>
        </div>
      )}
      <div className={styles.about}>
        <span className={styles.presence} data-present={room.presentCount > 0 || undefined}>
          {room.presentCount > 0
            ? t("rooms.present", { count: room.presentCount })
            : t("rooms.nobody")}
        </span>
        {room.languages.map((tag) => (
          <bdi key={tag} lang={tag}>
            {nativeLanguageName(tag)}
          </bdi>
        ))}
      </div>
    </div>
  );
}
