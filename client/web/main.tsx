import "@mantine/core/styles.css";
import "./global.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { createParley, type Call, type Parley } from "../sdk/index.ts";
import { App } from "./app.tsx";
import { createPreferenceStore } from "./preferences.ts";
import { createText, preferredInterfaceLanguage } from "./text/text.ts";

declare global {
  interface Window {
    /**
     * What the app talks through, and the call that it is in: for the browser's console, and for
     * tests that look at a page from outside. They give a page's owner nothing that the page lacks.
     */
    parley?: Parley;
    parleyCall?: Call;
  }
}

const parley = createParley({ url: location.origin });
window.parley = parley;

const preferences = createPreferenceStore(availableStorage());
const text = createText(
  preferences.current.interfaceLanguage ?? preferredInterfaceLanguage(navigator.languages),
);

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no element with the id root.");
createRoot(root).render(
  <StrictMode>
    <App services={{ parley, preferences }} text={text} />
  </StrictMode>,
);

/** Browsers that forbid storage throw where it is only named. */
function availableStorage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
