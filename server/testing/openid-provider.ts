import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair } from "jose";
import { Provider } from "oidc-provider";

/** What the provider says of somebody, besides who they are. */
export type ProviderClaims = Record<string, string | boolean>;

export type OpenIdProvider = Awaited<ReturnType<typeof startOpenIdProvider>>;

/** A strict OpenID provider on a free port, whose people have no passwords. */
export async function startOpenIdProvider() {
  let serve: RequestListener = (_request, response) => void response.writeHead(503).end();
  const server = createServer((request, response) => serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const people = new Map<string, ProviderClaims>();

  return {
    issuer,
    people,

    /** Serves one client, which may come back to this address only. */
    async open(client: { clientId: string; clientSecret: string; redirectUrl: string }) {
      const { privateKey } = await generateKeyPair("RS256", { extractable: true });
      const provider = new Provider(issuer, {
        clients: [
          {
            client_id: client.clientId,
            client_secret: client.clientSecret,
            redirect_uris: [client.redirectUrl],
            id_token_signed_response_alg: "RS256",
          },
        ],
        jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: "RS256", use: "sig" }] },
        cookies: { keys: ["test"] },
        ttl: { AccessToken: 60, Grant: 60, IdToken: 60, Interaction: 60, Session: 60 },
        pkce: { required: () => true },
        // Google puts them there, too.
        conformIdTokenClaims: false,
        claims: { email: ["email", "email_verified"], profile: ["name", "locale"] },
        findAccount: (_context, accountId) => ({
          accountId,
          claims: () => ({ sub: accountId, ...people.get(accountId) }),
        }),
        // Everybody agrees.
        async loadExistingGrant({ oidc }) {
          const { Grant } = provider;
          const grant = new Grant({
            accountId: oidc.session?.accountId,
            clientId: oidc.client?.clientId,
          });
          grant.addOIDCScope("openid email profile");
          await grant.save();
          return grant;
        },
      });
      serve = provider.callback();
    },

    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
