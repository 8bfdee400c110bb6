import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconArrowRight, IconMailOff } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Account } from "../../../../shared/account.ts";
import type { RoomInvitation } from "../../../../shared/room.ts";
import { toParleyError } from "../../../sdk/index.ts";
import { useSignIn } from "../../account.ts";
import { isolated } from "../../language/isolated.ts";
import { useServices } from "../../services.ts";
import { errorSentence } from "../../text/error-sentence.ts";
import { Message } from "../../ui/message.tsx";
import { EntryLink } from "../entry/entry-link.tsx";
import { EntryPage } from "../entry/entry-page.tsx";
import { PersonFields, usePerson } from "../entry/person-fields.tsx";
import { Failure, FailureScreen, ToRooms } from "../failure/failure-screen.tsx";
import { LoadingScreen } from "../failure/loading-screen.tsx";
import { InvitedRoom } from "./invited-room.tsx";
import entryStyles from "../entry/entry-page.module.css";

/** Where an invitation leads: what room it is, and one button into it. */
export function InvitationScreen({ code, account }: { code: string; account: Account | null }) {
  const { t } = useTranslation();
  const { parley } = useServices();
  const [, navigate] = useLocation();
  const invitation = useQuery({
    queryKey: ["invitation", code],
    queryFn: ({ signal }) => parley.api.room.invitation.query({ invite: code }, { signal }),
    refetchOnWindowFocus: false,
  });
  const { data, error } = invitation;

  const [isEntering, setEntering] = useState(false);
  const roomId = data?.room.id;
  useEffect(() => {
    // Not before the whole page knows who is signed in. A click came first, so the browser lets the
    // room play sound at once.
    if (!isEntering || !account || roomId === undefined) return;
    navigate(`/rooms/${roomId}`, { state: { join: roomId, invite: code } });
  }, [isEntering, account, roomId, code, navigate]);

  if (data) {
    const enter = () => setEntering(true);
    return account ? (
      <EntryPage title={t("invite.pageTitle", { name: isolated(data.room.name) })} onSubmit={enter}>
        <About invitation={data} />
        <EnterButton
          label={t("invite.enterAs", { name: isolated(account.name) })}
          isPending={false}
        />
      </EntryPage>
    ) : (
      <GuestEntry invitation={data} code={code} onEnter={enter} />
    );
  }
  if (!error) return <LoadingScreen />;
  const reason = toParleyError(error).reason;
  if (reason !== "INVITE_INVALID" && reason !== "INPUT_INVALID") {
    return <FailureScreen error={error} retry={() => void invitation.refetch()} />;
  }
  return (
    <Failure
      icon={<IconMailOff size={40} stroke={1.4} aria-hidden />}
      title={t("invite.deadTitle")}
      text={t("errors.INVITE_INVALID")}
      testId="dead-invitation"
    >
      <ToRooms />
    </Failure>
  );
}

type GuestProps = { invitation: RoomInvitation; code: string; onEnter: () => void };

/** For who is not signed in: a name is enough. The language is the browser's, unless another is chosen. */
function GuestEntry({ invitation, code, onEnter }: GuestProps) {
  const { t } = useTranslation();
  const signIn = useSignIn();
  const person = usePerson();
  const { name, language } = person;
  const next = `/invite/${code}`;
  const enter = () => {
    person.remember();
    onEnter();
    signIn.mutate({ name, language });
  };
  return (
    <EntryPage
      title={t("invite.pageTitle", { name: isolated(invitation.room.name) })}
      onSubmit={enter}
      footer={
        <div className={entryStyles.links}>
          <EntryLink to="/sign-in" next={next}>
            {t("entry.toSignIn")}
          </EntryLink>
          <EntryLink to="/register" next={next}>
            {t("entry.toRegister")}
          </EntryLink>
        </div>
      }
    >
      <About invitation={invitation} />
      <PersonFields person={person} languageHelp={t("invite.languageHelp")} />
      {signIn.error && <Message>{errorSentence(t, signIn.error)}</Message>}
      <EnterButton label={t("invite.enter")} isPending={signIn.isPending} />
    </EntryPage>
  );
}

function About({ invitation }: { invitation: RoomInvitation }) {
  const { t } = useTranslation();
  return (
    <>
      <InvitedRoom invitation={invitation} />
      {invitation.role === "listener" && (
        <p className={entryStyles.note}>{t("invite.asListener")}</p>
      )}
    </>
  );
}

function EnterButton({ label, isPending }: { label: string; isPending: boolean }) {
  return (
    <Button
      data-testid="enter"
      type="submit"
      size="md"
      loading={isPending}
      rightSection={<IconArrowRight size={18} aria-hidden className={entryStyles.arrow} />}
    >
      {label}
    </Button>
  );
}
