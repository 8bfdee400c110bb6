import { createContext, use, useEffect, useState, useSyncExternalStore } from "react";
import { usePreferences, useServices } from "../../services.ts";
import { type RoomKey } from "./room-entry.ts";
import { Visit, type VisitState } from "./visit.ts";

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
export function useNewVisit(roomId: string, key: RoomKey): Visit {
  const { parley, preferences } = useServices();
  const [visit] = useState(() => {
    const { speak, hear, read, originalVolume, interpreterVolume } = preferences.current;
    return new Visit(parley, roomId, {
      speak,
      hear,
      read,
      volumes: {
        ...(originalVolume !== undefined && { original: originalVolume }),
        ...(interpreterVolume !== undefined && { interpreter: interpreterVolume }),
      },
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

/** What one speaks, hears and reads here: as chosen, or else the account's language. */
export function useLanguageChoices(accountLanguage: string) {
  const [{ speak, hear, read }, change] = usePreferences();
  const visit = useVisit();
  return {
    speak: speak ?? accountLanguage,
    hear: hear === undefined ? accountLanguage : hear,
    read: read === undefined ? accountLanguage : read,
    choose: (languages: { speak?: string; hear?: string | null; read?: string | null }) => {
      change(languages);
      void visit.setLanguages(languages);
    },
  };
}
