/**
 * Where to go on after the entry, with what the address says there about an invitation. Only to this
 * app's own pages, whatever the address says.
 */
export function nextAddress(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  return /^\/(rooms(\/[\w-]{1,64})?|invite\/[\w-]{1,128}|account)$/u.test(next) ? next : "/rooms";
}

/** Whether it goes on into a room, rather than to what was looked at when a session ended. */
export function leadsToRoom(next: string): boolean {
  return /^\/(rooms|invite)\//u.test(next);
}

/** A page of the entry, which leads on to `next`. */
export function withNext(page: string, next: string): string {
  return next === "/rooms" ? page : `${page}?${new URLSearchParams({ next }).toString()}`;
}

/** The entry, which leads on to `next`. */
export function entryAddress(next: string): string {
  return withNext("/", next);
}
