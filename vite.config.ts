import react from "@vitejs/plugin-react";
import { compression } from "vite-plugin-compression2";
import { defineConfig } from "vitest/config";

/** Files that measure speech or time, or take all of the processor. */
const alone = [
  "client/web/end-to-end/interpretation.test.ts",
  "client/testing/{chromium,speech}.test.ts",
  "scripts/bench/*.test.ts",
  "server/engine/{conformance,local}/*.test.ts",
  "server/main.test.ts",
  "server/media/*.test.ts",
];

/** Files in which browsers speak, and are understood. */
const inPairs = [
  "client/web/end-to-end/{changing-language,discontinuous-microphone,lost-network}.test.ts",
];

export default defineConfig({
  root: "client/web",
  // Compressed once, for the server to send as it is: a fifth of the bytes.
  plugins: [react(), compression({ threshold: 1000 })],
  build: { outDir: "../../dist/web", emptyOutDir: true },
  server: { proxy: { "/trpc": { target: "http://127.0.0.1:3000", ws: true } } },
  test: {
    root: import.meta.dirname,
    // Against what hangs: several files at a time take what a crowded machine leaves them.
    testTimeout: 40_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // In this order: media, engines and browsers share two cores.
    projects: [
      {
        extends: true,
        test: {
          name: "together",
          include: ["*.test.ts", "{shared,client,server,scripts}/**/*.test.{ts,tsx}"],
          exclude: [...inPairs, ...alone],
          globalSetup: "server/database/testing/postgres.ts",
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "in pairs",
          include: inPairs,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          fileParallelism: false,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
});
