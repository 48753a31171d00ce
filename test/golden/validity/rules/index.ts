/** What each provider demands of a request beyond its types. */
import type { JsonObject } from "../../../../src/json/types.ts";
import { violations as awsModel } from "../../bedrock-converse/aws-model.ts";
import type { Judged } from "../judged.ts";
import { anthropicRules } from "./anthropic.ts";
import { objects, rootOfFunction } from "./checks.ts";
import { geminiRules } from "./gemini.ts";
import { chatRules, responsesRules } from "./openai.ts";

/** What it would find wrong; empty when nothing is. */
export const rules: Readonly<Record<Judged, (body: JsonObject) => string[]>> = {
  "openai-chat": chatRules,
  "openai-responses": responsesRules,
  anthropic: anthropicRules,
  gemini: geminiRules,
  // AWS's model knows types and rules alike, but nothing of the models behind it.
  "bedrock-converse": (body) => [...awsModel(body), ...toolSpecs(body)],
};

function toolSpecs(body: JsonObject): string[] {
  const config = body["toolConfig"] as JsonObject | undefined;
  const specs = objects(config?.["tools"]).map((tool) => tool["toolSpec"] as JsonObject | undefined);
  return specs.flatMap((spec) => rootOfFunction((spec?.["inputSchema"] as JsonObject | undefined)?.["json"]));
}
