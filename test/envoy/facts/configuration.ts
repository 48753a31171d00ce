/** Changes to Envoy's configuration, in place, for what production never has. */
import { tollgateCluster } from "../../../src/cli/demo/envoy-cluster.ts";
import { isObject, type JsonObject, type JsonValue } from "../../../src/json/types.ts";

/** The role that a stream's filter gives it. */
export type Role = "exchange" | "attempt" | "failed";

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

/** The object that has a member of that name, wherever it is. */
export function holder(value: unknown, key: string): JsonObject {
  const found = search(value, key);
  if (found === undefined) throw new Error(`nothing has ${key}`);
  return found;
}

function search(value: unknown, key: string): JsonObject | undefined {
  if (Array.isArray(value)) return first(value, key);
  if (!isObject(value)) return undefined;
  return value[key] === undefined ? first(Object.values(value), key) : value;
}

function first(values: readonly unknown[], key: string): JsonObject | undefined {
  for (const value of values) {
    const found = search(value, key);
    if (found !== undefined) return found;
  }
  return undefined;
}
