const browsers = [
  // Those that call themselves something else besides come first.
  ["Edge", /Edg(e|A|iOS)?\//u],
  ["Opera", /OPR\//u],
  ["Samsung Internet", /SamsungBrowser\//u],
  ["Firefox", /(Firefox|FxiOS)\//u],
  ["Chrome", /(Chrome|Chromium|CriOS)\//u],
  ["Safari", /Safari\//u],
] as const;

const systems = [
  ["iPhone", /iPhone/u],
  ["iPad", /iPad/u],
  ["Android", /Android/u],
  ["Windows", /Windows/u],
  ["macOS", /Mac OS X/u],
  ["ChromeOS", /CrOS/u],
  ["Linux", /Linux/u],
] as const;

/** A browser and a system, as people call them; else what the program called itself. */
export function deviceName(userAgent: string): string {
  const find = (known: readonly (readonly [string, RegExp])[]) =>
    known.find(([, pattern]) => pattern.test(userAgent))?.[0];
  const names = [find(browsers), find(systems)].filter((name) => name !== undefined);
  return names.length > 0 ? names.join(" · ") : userAgent.slice(0, 60);
}
