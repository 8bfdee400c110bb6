import { createContext, use, useSyncExternalStore } from "react";
import type { Parley } from "../sdk/index.ts";
import type { Preferences, PreferenceStore } from "./preferences.ts";

/** What every screen may use. Made once, in main.tsx. */
export type Services = { parley: Parley; preferences: PreferenceStore };

const ServicesContext = createContext<Services | undefined>(undefined);
export const ServicesProvider = ServicesContext.Provider;

export function useServices(): Services {
  const services = use(ServicesContext);
  if (!services) throw new Error("useServices is for what lies inside the ServicesProvider.");
  return services;
}

export function usePreferences(): [Preferences, PreferenceStore["change"]] {
  const { preferences } = useServices();
  const current = useSyncExternalStore(preferences.subscribe, () => preferences.current);
  return [current, preferences.change];
}
