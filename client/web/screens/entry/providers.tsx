import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { IconBrandGoogle } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useSearch } from "wouter";
import { useServices } from "../../services.ts";
import { nextAddress } from "./next-address.ts";

/** What this server offers besides an address and a password. */
export function useProviders() {
  const { parley } = useServices();
  return useQuery({
    queryKey: ["account", "providers"],
    queryFn: () => parley.api.account.providers.query(),
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
}

/** Shown only where the server knows Google. */
export function GoogleButton() {
  const { t } = useTranslation();
  const providers = useProviders();
  const next = nextAddress(useSearch());
  if (!providers?.google) return null;
  return (
    <Button
      component="a"
      href={`/auth/google?${new URLSearchParams({ next }).toString()}`}
      variant="default"
      size="md"
      leftSection={<IconBrandGoogle size={18} stroke={1.8} aria-hidden />}
    >
      {t("entry.google")}
    </Button>
  );
}
