/** A stand-in for api.openai.com: authentication, models, Chat Completions, and its errors. */
import { randomUUID } from "node:crypto";
import type { JsonObject } from "../../../json/types.ts";
import { completion } from "./openai-chat.ts";
import type { Asked, Reply, StandIn } from "./reply.ts";

const MODELS = ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5", "gpt-5-mini", "o3", "o4-mini"];
const SERVED = /^(gpt-|chatgpt-|o\d)/;

export const openai: StandIn = (asked) => {
  if (!/^Bearer\s+\S/i.test(asked.header("authorization") ?? "")) {
    return refusal(
      401,
      "No API key in the Authorization header (this is a stand-in: any key will do).",
      null,
    );
  }
  if (asked.path === "/v1/chat/completions") {
    if (asked.method !== "POST")
      return refusal(405, "Only POST requests are accepted.", null, "method_not_supported");
    return chat(asked);
  }
  if (asked.method === "GET" && asked.path === "/v1/models") {
    return whole({ object: "list", data: MODELS.map(model) });
  }
  const named = /^\/v1\/models\/([^/]+)$/.exec(asked.path)?.[1];
  if (asked.method === "GET" && named !== undefined) {
    return SERVED.test(named) ? whole(model(named)) : unknownModel(named);
  }
  return refusal(404, `Invalid URL (${asked.method} ${asked.path})`, null);
};

function chat({ body }: Asked): Reply {
  if (body === undefined) return refusal(400, "The body of this request is not a JSON object.", null);
  const name = body["model"];
  if (typeof name !== "string") return refusal(400, "A model parameter is needed.", "model");
  if (!SERVED.test(name)) return unknownModel(name);
  if (!Array.isArray(body["messages"])) {
    return refusal(400, "Missing required parameter: 'messages'.", "messages", "missing_required_parameter");
  }
  const made = completion(body, Math.floor(Date.now() / 1_000));
  return body["stream"] === true ? { headers: headers(), events: made.events } : whole(made.whole);
}

function model(id: string): JsonObject {
  return { id, object: "model", created: 1_715_367_049, owned_by: "stand-in" };
}

function unknownModel(name: string): Reply {
  return refusal(404, `The model \`${name}\` does not exist at this stand-in.`, null, "model_not_found");
}

function whole(body: JsonObject): Reply {
  return { status: 200, headers: headers(), body };
}

function refusal(status: number, message: string, param: string | null, code: string | null = null): Reply {
  const error = { message, type: "invalid_request_error", param, code };
  return { status, headers: headers(), body: { error } };
}

function headers(): Record<string, string> {
  return { "x-request-id": `req_${randomUUID().replaceAll("-", "")}`, "openai-version": "2020-10-01" };
}
