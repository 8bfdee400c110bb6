import { isIP } from "node:net";

/**
 * Whether a page of `origin` may call this server, which was addressed as `host`. Programs send no
 * origin. A name that merely leads here could be anybody's: only this machine's own names and plain
 * addresses are taken for the server's, besides the origins that its settings allow.
 */
export function isAllowedOrigin(
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean {
  if (origin === undefined) return true;
  if (allowed.includes(origin)) return true;
  const url = URL.parse(origin);
  if (!url || url.origin !== origin || !/^https?:$/u.test(url.protocol)) return false;
  if (host === undefined || url.host !== host.toLowerCase()) return false;
  const name = url.hostname.replace(/^\[|\]$/gu, "");
  return name === "localhost" || name.endsWith(".localhost") || isIP(name) !== 0;
}
