import { Button, Modal, Radio, Select, Stack } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type CaptionContent,
  captionContentSchema,
  type CaptionFormat,
  captionFormatSchema,
} from "../../../../shared/caption.ts";
import { LanguageSelect } from "../../language/language-select.tsx";
import { useLanguageOptions } from "../../language/use-language-options.ts";
import { useServices } from "../../services.ts";
import { useVisit, useVisitState } from "./use-visit.ts";

type Props = { isOpen: boolean; onClose: () => void };

/** Which file of what was said, and where it is downloaded from. */
export function TranscriptExport({ isOpen, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      title={t("transcript.exportTitle")}
      closeButtonProps={{ "aria-label": t("transcript.close") }}
      centered
    >
      <ExportForm onDone={onClose} />
    </Modal>
  );
}

function ExportForm({ onDone }: { onDone: () => void }) {
  const { t, i18n } = useTranslation();
  const { parley } = useServices();
  const { roomId } = useVisit();
  const options = useLanguageOptions();
  const own = useVisitState(
    ({ room }) =>
      room?.room.members.find(({ accountId }) => accountId === room.room.ownAccountId)?.language,
  );
  const [format, setFormat] = useState<CaptionFormat>("txt");
  const [content, setContent] = useState<CaptionContent>("original");
  const [language, setLanguage] = useState(own ?? i18n.language);
  const selection = { format, content, ...(content === "language" && { language }) };
  return (
    <Stack gap="md">
      <Select
        data-testid="export-format"
        label={t("transcript.format")}
        allowDeselect={false}
        data={captionFormatSchema.options.map((value) => ({
          value,
          label: t(`transcript.formats.${value}`),
        }))}
        value={format}
        onChange={(value) => {
          const chosen = captionFormatSchema.safeParse(value);
          if (chosen.success) setFormat(chosen.data);
        }}
      />
      <Radio.Group
        label={t("transcript.content")}
        value={content}
        onChange={(value) => setContent(captionContentSchema.parse(value))}
      >
        <Stack gap="xs" mt="xs">
          {captionContentSchema.options.map((value) => (
            <Radio
              key={value}
              data-testid={`export-${value}`}
              value={value}
              label={t(`transcript.contents.${value}`)}
            />
          ))}
        </Stack>
      </Radio.Group>
      {content === "language" && (
        <LanguageSelect
          data-testid="export-language"
          label={t("transcript.language")}
          options={options}
          value={language}
          onChange={(tag) => setLanguage(tag ?? language)}
        />
      )}
      <Button
        component="a"
        data-testid="download-transcript"
        href={parley.transcript(roomId).downloadUrl(selection)}
        download
        leftSection={<IconDownload size={18} aria-hidden />}
        onClick={onDone}
      >
        {t("transcript.download")}
      </Button>
    </Stack>
  );
}
