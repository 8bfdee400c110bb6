import { z } from "zod";
import { Store } from "./store.ts";

/**
 * What this browser remembers of a person and of its microphones. Nothing of it leaves the browser by
 * itself. What a person wants on every device is kept with their account.
 */
const preferencesSchema = z.object({
  name: z.string().max(256).optional(),
  language: z.string().max(35).optional(),
  interfaceLanguage: z.enum(["en", "zh-CN"]).optional(),
  microphoneId: z.string().max(512).optional(),
});

export type Preferences = z.infer<typeof preferencesSchema>;

export type PreferenceStore = {
  readonly current: Preferences;
  change: (part: Preferences) => void;
  subscribe: (listener: () => void) => () => void;
};

const KEY = "parley.preferences";

/** `storage` may be absent or refuse: then nothing is remembered beyond this page. */
export function createPreferenceStore(storage: Storage | undefined): PreferenceStore {
  const store = new Store<Preferences>(read(storage));
  return {
    get current() {
      return store.state;
    },
    subscribe: store.subscribe,
    change: (part) => {
      store.change(part);
      try {
        storage?.setItem(KEY, JSON.stringify(store.state));
      } catch {
        // The storage is full or forbidden: it holds for this page.
      }
    },
  };
}

function read(storage: Storage | undefined): Preferences {
  try {
    return preferencesSchema.parse(JSON.parse(storage?.getItem(KEY) ?? "{}"));
  } catch {
    // Written by another version of the app, or by hand: as if nothing had been chosen.
    return {};
  }
}
