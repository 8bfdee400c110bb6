import { Anchor } from "@mantine/core";
import { Link, useSearch } from "wouter";
import { nextAddress, withNext } from "./next-address.ts";

/** Leads to another page of the entry, and from there on to where this one would have. */
export function EntryLink({ to, children }: { to: string; children: React.ReactNode }) {
  const next = nextAddress(useSearch());
  return (
    <Anchor component={Link} size="sm" href={withNext(to, next)}>
      {children}
    </Anchor>
  );
}
