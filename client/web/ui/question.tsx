import { Button, Group, Modal } from "@mantine/core";
import { Message } from "./message.tsx";

type Props = {
  title: string;
  text: string;
  isOpen: boolean;
  isPending: boolean;
  /** What went wrong when it was tried, in a sentence. */
  fault?: string | undefined;
  yes: string;
  no: string;
  /** What the button that only looks like a cross does. */
  dismiss: string;
  onYes: () => void;
  onNo: () => void;
};

/** Asks before something that can't be undone, or that others would mind. */
export function Question(props: Props) {
  const { title, text, isOpen, isPending, fault, yes, no, dismiss, onYes, onNo } = props;
  return (
    <Modal
      opened={isOpen}
      onClose={onNo}
      title={title}
      closeButtonProps={{ "aria-label": dismiss }}
      centered
    >
      <p>{text}</p>
      {fault !== undefined && <Message>{fault}</Message>}
      <Group justify="flex-end" mt="lg">
        <Button variant="default" onClick={onNo}>
          {no}
        </Button>
        <Button data-testid="confirm" color="red.8" loading={isPending} onClick={onYes}>
          {yes}
        </Button>
      </Group>
    </Modal>
  );
}
