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
  return isOwnName(url);
}

/** Whether a server that was addressed as `host` was so by one of its machine's own names. */
export function isOwnHost(host: string | undefined): boolean {
  const url = URL.parse(`http://${host}`);
  return url !== null && isOwnName(url);
}

function isOwnName({ hostname }: URL): boolean {
  const name = hostname.replace(/^\[|\]$/gu, "");
  return name === "localhost" || name.endsWith(".localhost") || isIP(name) !== 0;
}
