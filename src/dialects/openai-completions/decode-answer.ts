/** Whole completions in neutral form. Source: https://platform.openai.com/docs/api-reference/completions/object */
import type { Answer, Candidate } from "../../conversation/answer.ts";
import { noUsage } from "../../conversation/usage.ts";
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { decodeUsage } from "../openai-chat/usage.ts";
import { decodeFinishReason } from "./finish-reason.ts";

/** @throws Error when the body holds no choices */
export function decodeAnswer(body: JsonObject): Answer {
  const choices = body["choices"];
  if (!Array.isArray(choices) || choices.length === 0) throw new Error("a completion without choices");
  const created = body["created"];
  return {
    id: stringOf(body["id"]),
    model: stringOf(body["model"]),
    ...(typeof created === "number" && { created }),
    candidates: choices.map(candidateOf),
    usage: decodeUsage(body["usage"]) ?? noUsage,
    dialect: "openai-completions",
  };
}

function candidateOf(choice: JsonValue): Candidate {
  if (!isObject(choice)) throw new Error("a choice that is no object");
  const text = stringOf(choice["text"]);
  const logprobs = choice["logprobs"];
  return {
    parts: text === "" ? [] : [{ kind: "text", text }],
    finish: decodeFinishReason(stringOf(choice["finish_reason"])),
    ...(isObject(logprobs) && { logprobs }),
  };
}

function stringOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
