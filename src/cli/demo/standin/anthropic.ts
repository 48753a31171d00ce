/** A stand-in for api.anthropic.com: authentication, models, Messages, token counts, and its errors. */
import { randomBytes } from "node:crypto";
import type { JsonObject } from "../../../json/types.ts";
import { inputTokens, message } from "./anthropic-messages.ts";
import type { Asked, Reply, StandIn } from "./reply.ts";

const MODELS = ["claude-opus-5", "claude-sonnet-5", "claude-haiku-4-5"];

export const anthropic: StandIn = (asked) => {
  const key = asked.header("x-api-key") ?? asked.header("authorization") ?? "";
  if (key === "") {
    return refusal(
      401,
      "authentication_error",
      "x-api-key header is required (this is a stand-in: any key will do)",
    );
  }
  if (asked.header("anthropic-version") === undefined) {
    return refusal(400, "invalid_request_error", "anthropic-version: header is required");
  }
  if (asked.method === "POST" && asked.path === "/v1/messages") return messages(asked);
  if (asked.method === "POST" && asked.path === "/v1/messages/count_tokens") return count(asked);
  if (asked.method === "GET" && asked.path === "/v1/models") return whole(list());
  const named = /^\/v1\/models\/([^/]+)$/.exec(asked.path)?.[1];
  if (asked.method === "GET" && named !== undefined) {
    return named.startsWith("claude-") ? whole(model(named)) : notFound(`model: ${named}`);
  }
  return notFound("Not Found");
};

function messages({ body }: Asked): Reply {
  const wrong = complaint(body, ["model", "messages", "max_tokens"]);
  if (wrong !== undefined || body === undefined) return refusal(400, "invalid_request_error", wrong ?? "");
  const name = String(body["model"]);
  if (!name.startsWith("claude-")) return notFound(`model: ${name}`);
  const made = message(body);
  return body["stream"] === true ? { headers: headers(), events: made.events } : whole(made.whole);
}

function count({ body }: Asked): Reply {
  const wrong = complaint(body, ["model", "messages"]);
  if (wrong !== undefined || body === undefined) return refusal(400, "invalid_request_error", wrong ?? "");
  return whole({ input_tokens: inputTokens(body) });
}

function complaint(body: JsonObject | undefined, wanted: readonly string[]): string | undefined {
  if (body === undefined) return "the body is not a JSON object";
  const missing = wanted.find((field) => body[field] === undefined);
  return missing === undefined ? undefined : `${missing}: Field required`;
}

function list(): JsonObject {
  return {
    data: MODELS.map(model),
    has_more: false,
    first_id: MODELS[0] ?? null,
    last_id: MODELS.at(-1) ?? null,
  };
}

function model(id: string): JsonObject {
  return { type: "model", id, display_name: `${id} (stand-in)`, created_at: "2025-09-29T00:00:00Z" };
}

function whole(body: JsonObject): Reply {
  return { status: 200, headers: headers(), body };
}

function notFound(what: string): Reply {
  return refusal(404, "not_found_error", what);
}

function refusal(status: number, type: string, reason: string): Reply {
  const sent = headers();
  const error = { type, message: reason };
  return { status, headers: sent, body: { type: "error", error, request_id: sent["request-id"] ?? null } };
}

function headers(): Record<string, string> {
  return { "request-id": `req_${randomBytes(12).toString("hex")}` };
}
