/** Where to go on after the entry. Only to this app's own rooms, whatever the address says. */
export function nextAddress(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "";
  return /^\/rooms(\/[\w-]{1,64})?$/u.test(next) ? next : "/rooms";
}

/** The entry, which leads on to `next`. */
export function entryAddress(next: string): string {
  return next === "/rooms" ? "/" : `/?${new URLSearchParams({ next }).toString()}`;
}
