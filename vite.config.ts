import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: "client/web",
  plugins: [react()],
  build: { outDir: "../../dist/web", emptyOutDir: true },
  server: { proxy: { "/trpc": { target: "http://127.0.0.1:3000", ws: true } } },
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts", "{shared,client,server,scripts}/**/*.test.{ts,tsx}"],
    // Media, engines and browsers share two cores: files that measure speech would disturb each other.
    fileParallelism: false,
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
