import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { useHistoryState } from "wouter/use-browser-location";
import type { OwnAccount } from "../../../../shared/account.ts";
import { endSession } from "../../queries.ts";
import { LoadingScreen } from "../failure/loading-screen.tsx";
import { DepartedScreen } from "./departed-screen.tsx";
import { DoorScreen } from "./door-screen.tsx";
import { Lobby } from "./lobby.tsx";
import type { RoomKey } from "./room-entry.ts";
import { RoomView } from "./room-view.tsx";
import { useNewVisit, useVisitState, VisitProvider } from "./use-visit.ts";
import { WaitingScreen } from "./waiting-screen.tsx";

type Props = { roomId: string; account: OwnAccount };

/**
 * A room. Sound may only begin after a click: whoever comes by a link is asked to press a button
 * first, and whoever pressed one in the list of rooms or at an invitation is let in at once.
 */
export function RoomScreen({ roomId, account }: Props) {
  const history = useHistoryState<{ join?: string; invite?: string } | null>();
  const [, navigate] = useLocation();
  const invite = history?.invite;
  const isLetIn = history?.join === roomId;
  const [isJoined, setJoined] = useState(isLetIn);
  const [key] = useState<RoomKey>(() => (invite === undefined ? {} : { invite }));
  useEffect(() => {
    // The history outlives a reload; the leave to play sound does not.
    if (isLetIn) {
      const state = invite === undefined ? null : { invite };
      navigate(`/rooms/${roomId}`, { replace: true, state });
    }
  }, [isLetIn, invite, navigate, roomId]);
  if (!isJoined) return <Lobby roomId={roomId} onJoin={() => setJoined(true)} />;
  return <VisitScreen roomId={roomId} account={account} roomKey={key} />;
}

function VisitScreen({ roomId, account, roomKey }: Props & { roomKey: RoomKey }) {
  const visit = useNewVisit(roomId, roomKey, account);
  return (
    <VisitProvider value={visit}>
      <VisitPhase account={account} />
    </VisitProvider>
  );
}

function VisitPhase({ account }: { account: OwnAccount }) {
  const phase = useVisitState((state) => state.phase);
  const refusal = useVisitState((state) => state.refusal);
  const fault = useVisitState((state) => state.fault);
  const queries = useQueryClient();
  const isSignedOut = [refusal, fault].some((error) => error?.reason === "NOT_SIGNED_IN");
  useEffect(() => {
    // Leads to the entry, and from there back here.
    if (isSignedOut) endSession(queries);
  }, [isSignedOut, queries]);

  switch (phase) {
    case "joining":
      return <LoadingScreen />;
    case "waiting":
      return <WaitingScreen />;
    case "inside":
      return <RoomView account={account} />;
    case "refused":
      return <DoorScreen />;
    case "out":
      return <DepartedScreen />;
  }
}
