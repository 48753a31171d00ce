// Asked by its parent, tells the key that a process started now would use.
import { tsImport } from "tsx/esm/api";

const { reasoningKey } = await tsImport("../../src/reasoning-key.ts", import.meta.url);
process.once("message", (dataDir) => {
  const { key } = reasoningKey({ dataDir, reasoningKey: undefined });
  process.send(Buffer.from(key).toString("hex"), () => process.disconnect());
});
process.send("ready");
