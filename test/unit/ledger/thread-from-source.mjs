// The thread as it stands in src: Node 20 does not run TypeScript by itself, and loaders do not reach threads.
import { tsImport } from "tsx/esm/api";

await tsImport("../../../src/ledger/thread.ts", import.meta.url);
