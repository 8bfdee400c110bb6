import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = import.meta.dirname;
let tree = "";

beforeAll(async () => {
  tree = await mkdtemp(path.join(tmpdir(), "parley-boundaries-"));
  await copyFile(path.join(root, "oxlint.config.ts"), path.join(tree, "oxlint.config.ts"));
  await symlink(path.join(root, "node_modules"), path.join(tree, "node_modules"));
});

afterAll(() => rm(tree, { recursive: true, force: true }));

/** What the linter says of one file at `file` that imports `specifier`. */
async function lint(file: string, specifier: string): Promise<string> {
  const target = path.join(tree, file);
  await mkdir(path.dirname(target), { recursive: true });
  await writeFile(target, `import { thing } from "${specifier}";\n\nexport const other = thing;\n`);
  const oxlint = path.join(root, "node_modules/oxlint/bin/oxlint");
  const result = promisify(execFile)(process.execPath, [oxlint, target], { cwd: tree });
  return result.then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}

describe("the rule of imports", () => {
  it.each([
    ["server/chat/a.ts", "../room/room.ts"],
    ["server/chat/stores/a.ts", "../../room/room.ts"],
    ["server/chat/a.ts", "../engine/local/local-engines.ts"],
    ["server/chat/a.ts", "../app.ts"],
    ["server/chat/a.ts", "../http/http-server.ts"],
    ["server/chat/a.ts", "../../client/sdk/index.ts"],
    ["server/call/a.ts", "../engine/local/local-engines.ts"],
    ["server/interpreter/a.ts", "../media/media.ts"],
    ["server/media/a.ts", "../interpreter/speech.ts"],
    ["server/engine/local/a.ts", "../../media/media.ts"],
    ["server/kit/a.ts", "../bus/bus.ts"],
    ["server/bus/a.ts", "../database/database.ts"],
    ["shared/a.ts", "../server/kit/errors.ts"],
    ["client/sdk/a.ts", "../web/main.tsx"],
    ["client/sdk/a.ts", "../../server/room/room.ts"],
    ["client/web/ui/a.ts", "../../sdk/index.ts"],
    ["client/web/screens/a.ts", "../../../server/kit/errors.ts"],
    ["server/room/a.ts", "../../scripts/demo/main.ts"],
  ])("forbids %s to import %s", async (file, specifier) => {
    expect(await lint(file, specifier)).toContain("no-restricted-imports");
  });

  it.each([
    ["server/chat/a.ts", "../kit/errors.ts"],
    ["server/chat/a.ts", "../../shared/chat.ts"],
    ["server/chat/stores/a.ts", "../../database/database.ts"],
    ["server/call/a.ts", "../media/media.ts"],
    ["server/engine/local/a.ts", "../../interpreter/engines.ts"],
    ["client/web/screens/a.ts", "../../sdk/index.ts"],
    ["client/web/screens/a.ts", "../ui/button.ts"],
  ])("allows %s to import %s", async (file, specifier) => {
    expect(await lint(file, specifier)).not.toContain("no-restricted-imports");
  });
});
