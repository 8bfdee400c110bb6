import { useMutation, useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useState, useSyncExternalStore } from "react";
import type { OwnAccount, Preferences } from "../../../../shared/account.ts";
import { accountKey } from "../../queries.ts";
import { useServices } from "../../services.ts";
import type { RoomKey } from "./room-entry.ts";
import { Visit, type VisitState } from "./visit.ts";

type Languages = Preferences["languages"];

const VisitContext = createContext<Visit | undefined>(undefined);
export const VisitProvider = VisitContext.Provider;

/** The visit that the screen shows. */
export function useVisit(): Visit {
  const visit = use(VisitContext);
  if (!visit) throw new Error("useVisit is for what lies inside the VisitProvider.");
  return visit;
}

/** A part of the visit's state. Renders again only when that part is another value. */
export function useVisitState<Part>(select: (state: VisitState) => Part): Part {
  const visit = useVisit();
  return useSyncExternalStore(visit.subscribe, () => select(visit.state));
}

/** Visits the room for as long as the component that calls this is shown. */
export function useNewVisit(roomId: string, key: RoomKey, account: OwnAccount): Visit {
  const { parley } = useServices();
  const [visit] = useState(() => {
    const { languages, voice } = account.preferences;
    return new Visit(parley, roomId, {
      ...languages,
      volumes: { original: voice.originalVolume, interpreter: voice.interpreterVolume },
      onCall: (call) => {
        window.parleyCall = call;
      },
    });
  });
  useEffect(() => {
    void visit.open(key);
    return () => visit.close();
  }, [visit, key]);
  return visit;
}

/** Keeps with the account what is chosen in a room, for every other room and device. */
export function useKeptPreferences(): (part: Partial<Preferences>) => void {
  const { parley } = useServices();
  const queries = useQueryClient();
  const visit = useVisit();
  const save = useMutation({
    // One after another: what was chosen last is what stays.
    scope: { id: "preferences" },
    mutationFn: (part: Partial<Preferences>) => parley.api.account.setPreferences.mutate(part),
    onError: visit.report,
  });
  return (part) => {
    // At once, and for this visit even when it can't be saved.
    queries.setQueryData<OwnAccount | null>(accountKey, (known) =>
      known ? { ...known, preferences: { ...known.preferences, ...part } } : known,
    );
    save.mutate(part);
  };
}

/** What one speaks, hears and reads: as chosen, on whichever device, or else the account's language. */
export function useLanguageChoices(account: OwnAccount) {
  const { speak, hear, read } = account.preferences.languages;
  const visit = useVisit();
  const keep = useKeptPreferences();
  return {
    speak: speak ?? account.language,
    hear: hear === undefined ? account.language : hear,
    read: read === undefined ? account.language : read,
    choose: (part: Languages) => {
      void visit.setLanguages(part);
      keep({ languages: { ...account.preferences.languages, ...part } });
    },
  };
}
