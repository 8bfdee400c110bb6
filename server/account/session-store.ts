export type Session = {
  id: string;
  accountId: string;
  guest: boolean;
  expiresAt: Date;
  /** Opened by a token that lasts for minutes only, and that can't be exchanged for another. */
  byAccessToken?: boolean;
};

export type ListedSession = {
  id: string;
  device: string | undefined;
  createdAt: string;
  lastSeenAt: string;
};

/** Sessions, whoever keeps them. Tokens leave it once, and are never stored. */
export type SessionStore = {
  /** `device` is what the client calls itself. */
  create(
    account: { id: string; guest: boolean },
    options?: { device?: string | undefined },
  ): Promise<{ token: string; session: Session }>;
  /** The session that a token opens, if any. `extended` when its end was moved just now. */
  validate(token: string): Promise<(Session & { extended: boolean }) | undefined>;
  /** The session of this id, if it has neither ended nor expired. */
  find(sessionId: string): Promise<Session | undefined>;
  /** The sessions of an account, the one that was used last first. */
  list(accountId: string): Promise<ListedSession[]>;
  /** Ends the session and everything that is open under it. Ending twice is harmless. */
  end(sessionId: string): Promise<void>;
  /** Ends all sessions of an account, but for the one excepted. */
  endAll(accountId: string, options?: { except?: string }): Promise<void>;
  removeExpired(): Promise<void>;
};
