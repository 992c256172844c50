import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { tanstackRouter } from "@tanstack/router-plugin/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const source = fileURLToPath(new URL("./src", import.meta.url));
const outDir = fileURLToPath(new URL("../src/pitwall/server/ui", import.meta.url));
const COMPRESSIBLE = /\.(js|css|html|svg|json|webmanifest)$/;

/** Writes `.gz` and `.br` beside each text file, so that the server compresses nothing while people wait. */
function precompress(): Plugin {
  return {
    name: "pitwall-precompress",
    apply: "build",
    closeBundle() {
      for (const name of readdirSync(outDir, { recursive: true, encoding: "utf8" })) {
        if (!COMPRESSIBLE.test(name)) continue;
        const path = join(outDir, name);
        const content = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(content));
      }
    },
  };
}

export default defineConfig({
  plugins: [
    tanstackRouter({
      target: "react",
      autoCodeSplitting: true,
      generatedRouteTree: "./src/route-tree.gen.ts",
    }),
    react(),
    precompress(),
  ],
  resolve: { alias: { "@": source } },
  build: { outDir, emptyOutDir: true, target: "es2023", sourcemap: false, assetsInlineLimit: 0 },
  server: { port: 5173, proxy: { "/api": process.env.PITWALL_URL ?? "http://127.0.0.1:8400" } },
  test: {
    environment: "jsdom",
    globals: true,
    setupFiles: ["./vitest.setup.ts"],
    css: false,
    testTimeout: 20_000,
    // Formatting depends on it; the machine's own zone must not decide whether a test passes.
    env: { TZ: "Asia/Seoul" },
  },
});
