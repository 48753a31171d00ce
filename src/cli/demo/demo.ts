/**
 * `tollgate demo`: the newcomer's command. Brings up the whole gateway, prints calls that work, and stays until
 * Ctrl-C.
 */
import { parseArgs } from "node:util";
import { isObject, type JsonObject } from "../../json/types.ts";
import { CALLS, curlLine, makeCall } from "./calls.ts";
import { type Gateway, Stack } from "./stack.ts";

const USAGE = `tollgate demo [--port N] [--check]

Starts Envoy, Tollgate and, for each provider whose key is not in the environment
(OPENAI_API_KEY, ANTHROPIC_API_KEY), a stand-in that answers in that provider's format.

  --port N   where Envoy listens; 10000, or the next free one
  --check    make the printed calls once, then stop: exit code 0 when all worked
`;

const DEFAULT_PORT = 10_000;
const NANO = 1e9;

/** Exit code: 0 stopped or checked, 1 something failed, 2 wrong arguments. */
export async function run(argv: readonly string[]): Promise<number> {
  const wanted = parsed(argv);
  if (typeof wanted === "string") {
    process.stderr.write(`${wanted}\n\n${USAGE}`);
    return 2;
  }
  if (wanted.help) {
    say(USAGE);
    return 0;
  }
  const signals = listenForSignals();
  const stack = new Stack({
    env: process.env,
    port: wanted.port,
    say,
    ...(wanted.check ? {} : { onAccess: (line) => say(accessLine(line)) }),
  });
  try {
    const gateway = await Promise.race([stack.start(), signals.received]);
    if (typeof gateway === "string") return 130;
    say(introduction(gateway));
    if (wanted.check)
      return await Promise.race([check(gateway), stack.fallen.then(failed), signals.received.then(failed)]);
    say("Ctrl-C stops everything.\n");
    return await Promise.race([stack.fallen.then(failed), signals.received.then(() => 0)]);
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  } finally {
    await stack.stop();
    signals.ignore();
  }
}

async function check(gateway: Gateway): Promise<number> {
  let wrong = 0;
  for (const call of CALLS) {
    const { ok, summary } = await makeCall(gateway.url, call);
    say(`${ok ? "ok  " : "FAIL"} ${summary}`);
    if (!ok) wrong += 1;
  }
  return wrong === 0 ? 0 : 1;
}

function introduction(gateway: Gateway): string {
  const providers = gateway.providers.map(
    ({ provider, real }) =>
      `  ${provider.title.padEnd(10)} ${real ? `${provider.host}, over TLS` : `a stand-in (set ${provider.keyVariable} for the real one)`}`,
  );
  const calls = CALLS.flatMap((call) => [`${call.title}:`, `  ${curlLine(gateway.url, call)}`, ""]);
  return [
    "",
    `The gateway is up at ${gateway.url}`,
    ...providers,
    "",
    ...calls,
    "The response headers x-tollgate-target and x-tollgate-cost say who served a call and what it cost.",
    'Put "stream":true into a body to see it streamed.',
    `Metrics: http://${gateway.admin}/metrics`,
    "Who used what: node dist/cli/tollgate.js report --by app,model",
  ].join("\n");
}

/** An access log entry in words. */
function accessLine(line: string): string {
  try {
    const entry: unknown = JSON.parse(line);
    if (!isObject(entry)) return line;
    const { method, path, status, target, attempts, duration_ms: duration, tollgate } = entry;
    const facts = isObject(tollgate) ? spending(tollgate) : "";
    return `${status} ${method} ${path} → ${target ?? "nobody"}, attempt ${attempts ?? 0}, ${duration} ms${facts}`;
  } catch {
    return line;
  }
}

/** Tokens and US dollars from Tollgate's metadata, as far as it says them. */
function spending({ input_tokens: input, output_tokens: output, cost_nano_usd: cost }: JsonObject): string {
  if (typeof cost !== "number") return "";
  return `, ${input} tokens in, ${output} out, $${(cost / NANO).toFixed(9)}`;
}

function parsed(argv: readonly string[]): { port: number; check: boolean; help: boolean } | string {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        port: { type: "string", default: String(DEFAULT_PORT) },
        check: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    });
    const port = Number(values.port);
    if (!Number.isInteger(port) || port < 1 || port > 65_535) return `--port ${values.port} is no port`;
    return { port, check: values.check, help: values.help };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The first signal that asks us to end; later ones find us ending already. */
function listenForSignals(): { received: Promise<string>; ignore: () => void } {
  const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let receive: (name: string) => void = () => {};
  const received = new Promise<string>((resolve) => {
    receive = resolve;
  });
  const listener = (name: NodeJS.Signals) => receive(name);
  for (const name of names) process.on(name, listener);
  return {
    received,
    ignore: () => {
      for (const name of names) process.off(name, listener);
    },
  };
}

function failed(reason: string): number {
  process.stderr.write(`${reason}\n`);
  return 1;
}

function say(message: string): void {
  process.stdout.write(message.endsWith("\n") ? message : `${message}\n`);
}
