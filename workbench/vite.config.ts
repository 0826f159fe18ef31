import { defineConfig } from "vite";
import { licences } from "./licences.js";

// The bundle is committed and must come out the same everywhere: fixed names, no hashes, no source maps.
export default defineConfig({
  base: "./",
  build: {
    outDir: "../engine/followcue/doors/page",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0,
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/page.js",
        chunkFileNames: "assets/[name].js",
        assetFileNames: "assets/page[extname]",
      },
    },
  },
  plugins: [licences("licences.txt")],
});
