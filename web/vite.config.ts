import preact from "@preact/preset-vite";
import { defineConfig } from "vite";

// The page goes into the Python package; it is built, never committed.
export default defineConfig({
  plugins: [preact()],
  // Found from wherever a page is: each stack of a batch has its studio below.
  base: "./",
  build: {
    outDir: "../src/focusstack/studio/page",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    rollupOptions: { input: ["index.html", "card.html"] },
  },
});
