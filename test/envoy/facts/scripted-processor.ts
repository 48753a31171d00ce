/** An ext_proc server of the test's own, for what the real Tollgate must never do, or does not do yet. */
import { tollgateCluster } from "../../../src/cli/demo/envoy-cluster.ts";
import { createEdge, type Edge } from "../../../src/extproc/server.ts";
import type { OpenSession } from "../../../src/extproc/session.ts";
import { isObject, type JsonObject, type JsonValue } from "../../../src/json/types.ts";

/** The role that a stream's filter gives it. */
export type Role = "exchange" | "attempt" | "failed";

/** Serves in this process on a free port of loopback; the test replaces `openSession` as it goes. */
export class ScriptedProcessor {
  /** What the next streams get. */
  openSession: OpenSession = () => {
    throw new Error("no session is scripted");
  };
  readonly #edge: Edge = createEdge({
    listen: "127.0.0.1:0",
    openSession: (opening, outlet) => this.openSession(opening, outlet),
    onDefect: (error) => {
      throw error;
    },
  });

  get address(): string {
    return this.#edge.address;
  }

  start(): Promise<void> {
    return this.#edge.start();
  }

  stop(): Promise<void> {
    return this.#edge.drain(0);
  }
}

/** Sends the streams of one role there instead of to Tollgate. Changes the configuration in place. */
export function rewire(config: JsonObject, role: Role, address: string): void {
  const name = `scripted-${role}`;
  const resources = config["static_resources"];
  const clusters = isObject(resources) ? resources["clusters"] : undefined;
  if (!Array.isArray(clusters)) throw new Error("a configuration without clusters");
  visit(config, (service) => {
    const metadata = service["initial_metadata"];
    if (!Array.isArray(metadata)) return;
    if (!metadata.some((pair) => isObject(pair) && pair["value"] === role)) return;
    service["envoy_grpc"] = { cluster_name: name };
  });
  clusters.push({ ...tollgateCluster([address]), name, health_checks: [] });
}

function visit(value: JsonValue, change: (service: JsonObject) => void): void {
  if (Array.isArray(value)) for (const item of value) visit(item, change);
  if (!isObject(value)) return;
  if (isObject(value["envoy_grpc"])) change(value);
  for (const member of Object.values(value)) if (member !== undefined) visit(member, change);
}

/** Writes another text wherever one stands as a whole value. Changes the configuration in place. */
export function replaceTexts(value: JsonValue, from: string, to: string): void {
  if (typeof value !== "object" || value === null) return;
  const members = value as Record<string, JsonValue>;
  for (const [key, member] of Object.entries(members)) {
    if (member === from) members[key] = to;
    else replaceTexts(member, from, to);
  }
}
