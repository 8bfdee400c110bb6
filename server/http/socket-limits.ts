export type SocketLimits = {
  /** Bytes of one frame; a longer one closes the socket with 1009. */
  frameBytes: number;
  /** Without credentials that open a session, a socket closes after this. */
  credentialsMs: number;
  subscriptions: number;
  /** A reader that leaves more than this unread is disconnected, and may come back. */
  unreadBytes: number;
  /** A client that was silent for so long is asked for a sign of life, */
  silentMs: number;
  /** and disconnected when it gives none within this. */
  answerMs: number;
};

export const socketLimits: SocketLimits = {
  frameBytes: 64 * 1024,
  credentialsMs: 5000,
  subscriptions: 64,
  unreadBytes: 1024 * 1024,
  silentMs: 20_000,
  answerMs: 10_000,
};
