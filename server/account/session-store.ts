export type Session = { id: string; accountId: string; guest: boolean; expiresAt: Date };

/** Sessions, whoever keeps them. Tokens leave it once, and are never stored. */
export type SessionStore = {
  create(account: { id: string; guest: boolean }): Promise<{ token: string; session: Session }>;
  /** The session that a token opens, if any. `extended` when its end was moved just now. */
  validate(token: string): Promise<(Session & { extended: boolean }) | undefined>;
  /** The session of this id, if it has neither ended nor expired. */
  find(sessionId: string): Promise<Session | undefined>;
  /** Ends the session and everything that is open under it. Ending twice is harmless. */
  end(sessionId: string): Promise<void>;
  removeExpired(): Promise<void>;
};
