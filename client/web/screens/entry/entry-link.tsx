import { Anchor } from "@mantine/core";
import { Link, useSearch } from "wouter";
import { nextAddress, withNext } from "./next-address.ts";

type Props = { to: string; children: React.ReactNode; next?: string };

/** Leads to another page of the entry, and from there on to `next`, or to where this one would have. */
export function EntryLink({ to, children, next: given }: Props) {
  const ownNext = nextAddress(useSearch());
  const next = given ?? ownNext;
  return (
    <Anchor component={Link} size="sm" href={withNext(to, next)}>
      {children}
    </Anchor>
  );
}
