// @ts-check
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "./logged-command.mjs";

const aptFolder = "/etc/apt";

/**
 * Fetches the upstream sources of a Debian package from where the machine gets its packages, with
 * apt's own checks of signatures. The machine's list of sources stays as it is.
 * @param {string} name of the source package
 * @param {string} folder an empty one, which afterwards holds the unpacked sources and apt's lists
 * @param {string} codename of the release, e.g. `bookworm`
 * @param {import("./steps.mjs").StepTools} tools
 * @returns {Promise<string>} the folder of the unpacked sources
 */
export async function fetchDebianSource(name, folder, codename, { log, signal }) {
  const parts = join(folder, "sources");
  mkdirSync(parts);
  for (const [path, text] of sourceLists()) {
    const entries = sourceEntries(text, codename);
    if (entries) writeFileSync(join(parts, path), entries);
  }
  if (readdirSync(parts).length === 0) throw new Error(`apt has no source for ${codename}`);

  for (const path of ["lists/partial", "cache/archives/partial", "download"]) {
    mkdirSync(join(folder, path), { recursive: true });
  }
  const configuration = join(folder, "apt.conf");
  writeFileSync(
    configuration,
    [
      'Dir::Etc::sourcelist "/dev/null";',
      `Dir::Etc::sourceparts "${parts}";`,
      `Dir::State::lists "${folder}/lists";`,
      `Dir::Cache "${folder}/cache";`,
      // The folder belongs to root, and apt's own user could not write there.
      'APT::Sandbox::User "root";',
    ].join("\n"),
  );
  const env = { ...process.env, APT_CONFIG: configuration, LC_ALL: "C" };
  const download = join(folder, "download");
  const options = { log, signal, env, cwd: download };
  await runLogged("apt-get", ["-q", "update"], options);
  await runLogged("apt-get", ["-q", "source", "--download-only", name], options);

  const archive = readdirSync(download).find((file) => /\.orig\.tar\.[a-z0-9]+$/.test(file));
  if (!archive) throw new Error(`the source package ${name} holds no original archive`);
  const unpacked = join(folder, "unpacked");
  mkdirSync(unpacked);
  await runLogged("tar", ["-xf", archive, "-C", unpacked, "--strip-components=1"], options);
  return unpacked;
}

/** @returns {[string, string][]} the machine's lists of sources: name and text */
function sourceLists() {
  const parts = join(aptFolder, "sources.list.d");
  const files = existsSync(parts) ? readdirSync(parts).map((name) => join(parts, name)) : [];
  return [join(aptFolder, "sources.list"), ...files]
    .filter((path) => /\.(?:list|sources)$/.test(path) && existsSync(path))
    .map((path) => [
      path.slice(aptFolder.length + 1).replaceAll("/", "-"),
      readFileSync(path, "utf8"),
    ]);
}

/**
 * Turns a list of sources, in either of apt's formats, into one of source packages. Only entries for
 * the release stay: other people's repositories seldom have sources, and apt fails on those.
 * @param {string} text
 * @param {string} codename
 * @returns {string} empty when nothing is left
 */
export function sourceEntries(text, codename) {
  const suite = `${codename}(?:[-/][a-z-]+)?`;
  const oneLine = new RegExp(String.raw`^deb(?=\s+(?:\[[^\]]*\]\s+)?\S+\s+${suite}\s)`);
  const lines = text
    .split("\n")
    .filter((line) => oneLine.test(line))
    .map((line) => line.replace(oneLine, "deb-src"));
  if (lines.length > 0) return `${lines.join("\n")}\n`;

  const inSuites = new RegExp(String.raw`^Suites:(?:.*\s)?${suite}(?:\s|$)`, "m");
  return text
    .split(/\n{2,}/)
    .filter((stanza) => /^Types:(?:.*\s)?deb(?:\s|$)/m.test(stanza) && inSuites.test(stanza))
    .map((stanza) => `${stanza.replace(/^Types:.*$/m, "Types: deb-src").trim()}\n`)
    .join("\n");
}
