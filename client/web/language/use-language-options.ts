import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { EngineStatus } from "../../../shared/engine.ts";
import { useServices } from "../services.ts";
import { type LanguageOption, languageOptions } from "./language-options.ts";

const none: EngineStatus[] = [];

/** What the server's engines can do. Empty until it is known. */
export function useEngines(): readonly EngineStatus[] {
  const { parley } = useServices();
  const { data } = useQuery({
    queryKey: ["engine", "status"],
    queryFn: ({ signal }) => parley.api.engine.status.query(undefined, { signal }),
    staleTime: 60_000,
  });
  return data ?? none;
}

export function useLanguageOptions(): LanguageOption[] {
  const engines = useEngines();
  const { i18n } = useTranslation();
  return useMemo(() => languageOptions(engines, i18n.language), [engines, i18n.language]);
}
