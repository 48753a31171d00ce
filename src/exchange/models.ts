/** `GET /v1/models` and `/v1/models/{id}` from the policy: what clients may ask for. */
import type { AnyClientDialect } from "../dialects/dialect.ts";
import type { ImmediateResponse } from "../extproc/messages.ts";
import type { JsonObject } from "../json/types.ts";
import type { Policy } from "../policy/policy.ts";
import { refusal, replyTo } from "./reply.ts";

/** Patterns with `*` promise no particular name, so only exact names are listed. */
export function listModels(
  policy: Policy,
  path: string,
  dialect: AnyClientDialect,
): ImmediateResponse | undefined {
  if (path.endsWith("/models")) {
    const names = policy.models.map((model) => model.pattern).filter((pattern) => !pattern.endsWith("*"));
    return ok(dialect.models.list(names));
  }
  const single = /\/models\/([^/]+)$/.exec(path)?.[1];
  if (single === undefined) return undefined;
  const name = decoded(single);
  if (name !== undefined && policy.model(name) !== undefined) return ok(dialect.models.single(name));
  const message = `the model ${JSON.stringify(single.slice(0, 200))} is not served here`;
  return replyTo(dialect, refusal("not-found", "model_not_found", message, { code: "model_not_found" }), {});
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function ok(body: JsonObject): ImmediateResponse {
  return {
    kind: "immediate",
    status: 200,
    headers: { set: [["content-type", "application/json"]] },
    body: Buffer.from(JSON.stringify(body)),
    details: "tollgate_models",
  };
}
