import type { WebSocket } from "ws";

/** How long a client has to close its side. */
const CLOSING_MS = 500;

/** Cuts a socket that is being closed: who means harm doesn't close their side. */
export function cutSoon(socket: WebSocket): void {
  const cut = setTimeout(() => socket.terminate(), CLOSING_MS);
  socket.once("close", () => clearTimeout(cut));
}
