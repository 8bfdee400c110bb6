/** What a provider says of somebody who has signed in there. */
export type OAuthIdentity = {
  /** Stays the same, and is nobody else's, at this provider. */
  subject: string;
  email: string | undefined;
  /** Whether the provider has seen that the address is theirs. */
  emailVerified: boolean;
  name: string | undefined;
  language: string | undefined;
};

/** What ties an answer to the browser that asked. It stays with that browser. */
export type OAuthSecrets = { state: string; codeVerifier: string; nonce: string };

/** A way of signing in elsewhere, whichever library speaks to it. */
export type OAuthProvider = {
  readonly name: string;
  /** Where to send the browser, which comes back to `redirectUrl`. Throws PROVIDER_UNAVAILABLE. */
  begin(redirectUrl: string): Promise<{ url: URL; secrets: OAuthSecrets }>;
  /**
   * Who came back, with `code`. Throws PROVIDER_REFUSED when it isn't shown beyond doubt, and
   * PROVIDER_UNAVAILABLE.
   */
  finish(code: string, secrets: OAuthSecrets, redirectUrl: string): Promise<OAuthIdentity>;
};
