import { Button, NativeSelect, NumberInput, PasswordInput, Switch, Textarea } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { IconMapPin } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Place, ROOM_LIMITS, roomSettingsSchema } from "../../../../shared/room.ts";
import { LanguagesSelect } from "../../language/languages-select.tsx";
import { useLanguageOptions } from "../../language/use-language-options.ts";
import { findPlace } from "../../place.ts";
import { Message } from "../../ui/message.tsx";
import type { RoomDraft } from "./room-draft.ts";
import styles from "./room-fields.module.css";

type Props = {
  draft: RoomDraft;
  onChange: (part: Partial<RoomDraft>) => void;
  /** Whether the room has a password by now. */
  hasPassword?: boolean;
};

const speakers = roomSettingsSchema.shape.speak.unwrap();

/** What a room can be besides its name: of a new one and of one that there is. */
export function RoomFields({ draft, onChange, hasPassword = false }: Props) {
  const { t } = useTranslation();
  const options = useLanguageOptions();
  return (
    <>
      <Textarea
        data-testid="room-description"
        label={t("roomSettings.description")}
        placeholder={t("roomSettings.descriptionPlaceholder")}
        dir="auto"
        autosize
        minRows={2}
        maxRows={6}
        maxLength={ROOM_LIMITS.description}
        value={draft.description}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
      <Switch
        data-testid="room-private"
        label={t("roomSettings.private")}
        description={t("roomSettings.privateHelp")}
        checked={draft.isPrivate}
        onChange={(event) => onChange({ isPrivate: event.currentTarget.checked })}
      />
      <PasswordField draft={draft} onChange={onChange} hasPassword={hasPassword} />
      <LanguagesSelect
        label={t("roomSettings.languages")}
        data-testid="room-languages"
        options={options}
        maxValues={ROOM_LIMITS.languages}
        value={draft.languages}
        onChange={(languages) => onChange({ languages })}
      />
      <div className={styles.pair}>
        <NativeSelect
          data-testid="room-speak"
          label={t("roomSettings.speak")}
          data={speakers.options.map((value) => ({
            value,
            label: t(`roomSettings.speakers.${value}`),
          }))}
          value={draft.speak}
          onChange={(event) => onChange({ speak: speakers.parse(event.currentTarget.value) })}
        />
        <NumberInput
          data-testid="room-capacity"
          label={t("roomSettings.capacity")}
          description={t("roomSettings.capacityCounts", { most: ROOM_LIMITS.capacity })}
          placeholder={t("roomSettings.capacityHelp")}
          min={1}
          max={ROOM_LIMITS.capacity}
          clampBehavior="strict"
          allowDecimal={false}
          hideControls
          value={draft.capacity ?? ""}
          onChange={(value) =>
            onChange({ capacity: typeof value === "number" ? value : undefined })
          }
        />
      </div>
      <PlaceField draft={draft} onChange={onChange} />
      <Switch
        data-testid="room-lobby"
        label={t("roomSettings.lobby")}
        description={t("roomSettings.lobbyHelp")}
        checked={draft.lobby}
        onChange={(event) => onChange({ lobby: event.currentTarget.checked })}
      />
      <Switch
        label={t("roomSettings.keepHistory")}
        description={t("roomSettings.keepHistoryHelp")}
        checked={draft.keepHistory}
        onChange={(event) => onChange({ keepHistory: event.currentTarget.checked })}
      />
      <Switch
        label={t("roomSettings.keepCaptions")}
        description={t("roomSettings.keepCaptionsHelp")}
        checked={draft.keepCaptions}
        onChange={(event) => onChange({ keepCaptions: event.currentTarget.checked })}
      />
    </>
  );
}

function PasswordField({ draft, onChange, hasPassword }: Required<Props>) {
  const { t } = useTranslation();
  const [isChanging, setChanging] = useState(false);
  if (hasPassword && !isChanging) {
    const isGone = draft.password === null;
    return (
      <div className={styles.kept}>
        <span className={styles.text}>
          {isGone ? t("roomSettings.passwordGone") : t("roomSettings.passwordKept")}
        </span>
        <Button variant="default" size="compact-sm" onClick={() => setChanging(true)}>
          {t("roomSettings.passwordChange")}
        </Button>
        {!isGone && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            onClick={() => onChange({ password: null })}
          >
            {t("roomSettings.passwordRemove")}
          </Button>
        )}
      </div>
    );
  }
  return (
    <PasswordInput
      data-testid="new-room-password"
      label={t("roomSettings.password")}
      description={t("roomSettings.passwordHelp")}
      autoComplete="new-password"
      maxLength={256}
      value={draft.password ?? ""}
      onChange={(event) => onChange({ password: event.currentTarget.value || undefined })}
    />
  );
}

/** To within a kilometre: the room's place is everyone's to see, and its maker's home needn't be. */
function roughly({ latitude, longitude }: Place): Place {
  return { latitude: Number(latitude.toFixed(2)), longitude: Number(longitude.toFixed(2)) };
}

function PlaceField({ draft: { place }, onChange }: Props) {
  const { t, i18n } = useTranslation();
  const find = useMutation({
    mutationFn: findPlace,
    onSuccess: (found) => onChange({ place: roughly(found) }),
  });
  const degrees = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 2 });
  return (
    <div className={styles.kept}>
      <span className={styles.text}>
        {place
          ? t("roomSettings.placeSet", {
              latitude: degrees.format(place.latitude),
              longitude: degrees.format(place.longitude),
            })
          : t("roomSettings.placeHelp")}
      </span>
      <Button
        data-testid="place-here"
        variant="default"
        size="compact-sm"
        loading={find.isPending}
        leftSection={<IconMapPin size={15} stroke={1.8} aria-hidden />}
        onClick={() => find.mutate()}
      >
        {t("roomSettings.placeHere")}
      </Button>
      {place && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          onClick={() => onChange({ place: undefined })}
        >
          {t("roomSettings.placeRemove")}
        </Button>
      )}
      {find.isError && <Message>{t("rooms.nearFailed")}</Message>}
    </div>
  );
}
