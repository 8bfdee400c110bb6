#!/usr/bin/env node
// @ts-check
/**
 * What every npm script calls: sets up whatever the command needs, then runs it on Node 24.
 *
 *   node scripts/bootstrap/run.mjs COMMAND [arguments]
 *
 * This folder is plain JavaScript without dependencies, because it runs before there are any, on
 * whatever Node the machine has from version 20.3 on.
 */
import { compareVersions } from "./version.mjs";

const oldest = "20.3.0";
if (compareVersions(process.versions.node, oldest) < 0) {
  console.error(
    `Parley's set-up needs Node ${oldest} or newer, and this is Node ${process.versions.node}.\n` +
      "What to do: install a newer Node from https://nodejs.org, then run the same command again.",
  );
  process.exit(1);
}

const { bootstrap } = await import("./bootstrap.mjs");
process.exitCode = await bootstrap(process.argv.slice(2));
