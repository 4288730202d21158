/**
 * The web client as one file without references, build/page.html: the markup, and the client with the core in it as a
 * script. What it takes of Node is in node/. Plain JavaScript, as host/build.js.
 */
import { inlinePage } from "../inline-page.js";

/** Node's modules that host/client imports, and what a page has instead. */
const MODULES = {
  "node:buffer": "buffer.ts",
  "node:crypto": "crypto.ts",
  "node:events": "events.ts",
  "node:fs": "fs.ts",
  "node:fs/promises": "absent.ts",
  "node:net": "absent.ts",
  "node:path": "absent.ts",
  "node:tls": "absent.ts",
};

/** Writes build/page.html; build/perigee-host.wasm must be there. `root` is the repository's folder, ending in "/". */
export function bundlePage(root) {
  const files = { html: "host/web/page.html", entry: "host/web/page.ts", to: "build/page.html" };
  return inlinePage(root, files, {
    loader: { ".wasm": "binary" },
    alias: Object.fromEntries(Object.entries(MODULES).map(([name, file]) => [name, `${root}host/web/node/${file}`])),
    inject: ["host/web/node/globals.ts"],
    // The core is where the script is: inside.
    define: { "import.meta.url": JSON.stringify("file:///page.js") },
  });
}
