import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

// The page goes into the Python package; it is built, never committed.
export default defineConfig({
  plugins: [preact()],
  build: { outDir: "../src/focusstack/studio/page", emptyOutDir: true, assetsInlineLimit: 0 },
});
