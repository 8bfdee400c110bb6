import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { useHistoryState } from "wouter/use-browser-location";
import { type Account } from "../../../../shared/account.ts";
import { accountKey } from "../../queries.ts";
import { FailureScreen } from "../failure/failure-screen.tsx";
import { LoadingScreen } from "../failure/loading-screen.tsx";
import { Lobby } from "./lobby.tsx";
import { RoomView } from "./room-view.tsx";
import { useNewVisit, useVisitState, VisitProvider } from "./use-visit.ts";

type Props = { roomId: string; account: Account };

/**
 * A room. Sound may only begin after a click: whoever comes by a link is asked to press a button
 * first, and whoever pressed one in the list of rooms is let in at once.
 */
export function RoomScreen({ roomId, account }: Props) {
  const history = useHistoryState<{ join?: string } | null>();
  const [, navigate] = useLocation();
  const isLetIn = history?.join === roomId;
  const [isJoined, setJoined] = useState(isLetIn);
  useEffect(() => {
    // The history outlives a reload; the leave to play sound does not.
    if (isLetIn) navigate(`/rooms/${roomId}`, { replace: true });
  }, [isLetIn, navigate, roomId]);
  if (!isJoined) return <Lobby onJoin={() => setJoined(true)} />;
  return <VisitScreen roomId={roomId} account={account} />;
}

function VisitScreen({ roomId, account }: Props) {
  const visit = useNewVisit(roomId);
  return (
    <VisitProvider value={visit}>
      <VisitPhase account={account} retry={() => void visit.open()} />
    </VisitProvider>
  );
}

function VisitPhase({ account, retry }: { account: Account; retry: () => void }) {
  const phase = useVisitState((state) => state.phase);
  const refusal = useVisitState((state) => state.refusal);
  const fault = useVisitState((state) => state.fault);
  const queries = useQueryClient();
  const isSignedOut = [refusal, fault].some((error) => error?.reason === "NOT_SIGNED_IN");
  useEffect(() => {
    // Leads to the entry, and from there back here.
    if (isSignedOut) queries.setQueryData<Account | null>(accountKey, null);
  }, [isSignedOut, queries]);

  if (phase === "joining") return <LoadingScreen />;
  if (phase === "inside") return <RoomView account={account} />;
  return <FailureScreen error={refusal} retry={retry} />;
}
