import { SegmentedControl, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { captionSizes, type OwnAccount, type Preferences } from "../../../../shared/account.ts";
import { useAccountChange } from "../../account.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { Section } from "./section.tsx";

/** How captions look, in every room and on every device. */
export function CaptionsSection({ account }: { account: OwnAccount }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const { captions } = account.preferences;
  const change = useAccountChange((part: Partial<Preferences["captions"]>) =>
    parley.api.account.setPreferences.mutate({ captions: { ...captions, ...part } }),
  );
  return (
    <Section title={t("account.captions")} description={t("account.captionsText")}>
      <SegmentedControl
        aria-label={t("account.captionSize")}
        data={captionSizes.map((size) => ({ value: size, label: t(`account.sizes.${size}`) }))}
        value={captions.size}
        onChange={(value) => {
          const size = captionSizes.find((known) => known === value);
          if (size) change.mutate({ size });
        }}
      />
      <Switch
        label={t("account.showOriginal")}
        checked={captions.original}
        onChange={(event) => change.mutate({ original: event.currentTarget.checked })}
      />
      {change.error && <Message>{errorSentence(t, change.error)}</Message>}
    </Section>
  );
}
