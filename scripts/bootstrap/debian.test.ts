import { expect, test } from "vitest";
import { hasCandidate, installByHand, missingPackages } from "./debian-packages.mjs";
import { sourceEntries } from "./debian-source.mjs";

const stanzas = `Types: deb
# a snapshot
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: https://other.example/node
Suites: nodistro
Components: main

Types: deb-src
URIs: http://mirror.example/debian
Suites: bookworm
Components: main
`;

test("the release's own entries become sources of source packages", () => {
  expect(sourceEntries(stanzas, "bookworm")).toBe(
    `Types: deb-src
# a snapshot
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`,
  );
});

test("so do the one-line entries of the older format", () => {
  const lines = `# deb http://old.example/debian bookworm main
deb http://mirror.example/debian bookworm main
deb [signed-by=/a.gpg arch=amd64] http://mirror.example/debian-security bookworm-security main
deb-src http://mirror.example/debian bookworm main
deb https://other.example/apt cloud-sdk-bookworm main
deb https://other.example/apt stable main
`;
  expect(sourceEntries(lines, "bookworm")).toBe(
    `deb-src http://mirror.example/debian bookworm main
deb-src [signed-by=/a.gpg arch=amd64] http://mirror.example/debian-security bookworm-security main
`,
  );
});

test("another release's entries give nothing", () => {
  expect(sourceEntries(stanzas, "trixie")).toBe("");
  expect(sourceEntries("deb http://mirror.example/debian bookworm main\n", "book")).toBe("");
});

test("a package counts as available when apt has a version to install", () => {
  const policy = `apertium:
  Installed: (none)
  Candidate: 3.8.3-1
  Version table:
gone:
  Installed: (none)
  Candidate: (none)
  Version table:
`;
  expect(hasCandidate(policy, "apertium")).toBe(true);
  expect(hasCandidate(policy, "gone")).toBe(false);
  expect(hasCandidate(policy, "never-heard-of")).toBe(false);
});

test("what isn't installed is found, and where there is no apt all of it", () => {
  expect(missingPackages(["dpkg", "no-such-package"], { hasApt: false })).toEqual([
    "dpkg",
    "no-such-package",
  ]);
  expect(missingPackages([], { hasApt: false })).toEqual([]);
});

test("who may not install is told the command, whoever has no apt the names", () => {
  const machine = { platform: "linux", arch: "x64", codename: "bookworm", isRoot: false } as const;
  const debian = installByHand(["flite"], { ...machine, distribution: "debian-12", hasApt: true });
  expect(debian.remedy).toContain("sudo apt-get install --no-install-recommends flite");
  const mac = installByHand(["flite"], { ...machine, distribution: "darwin", hasApt: false });
  expect(mac.message).toContain("this is darwin");
  expect(mac.remedy).toContain("docs/installation.md");
  expect(mac.remedy).toContain("flite");
});
