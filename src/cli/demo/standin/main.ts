/** A stand-in alone, for containers: `node main.js openai|anthropic [host:]port`. */
import { startStandIn } from "./server.ts";

const [provider, place = ""] = process.argv.slice(2);
const match = /^(?:(.+):)?(\d{1,5})$/.exec(place);
if ((provider !== "openai" && provider !== "anthropic") || match === null) {
  process.stderr.write("usage: main.js openai|anthropic [host:]port\n");
  process.exit(2);
}
const server = await startStandIn({ provider, host: match[1] ?? "127.0.0.1", port: Number(match[2]) });
process.stdout.write(`stand-in for ${provider} on port ${server.port}\n`);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void server.close());
}
