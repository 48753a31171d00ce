/**
 * What Gemini demands beyond its types, from its reference and from what it says when it refuses.
 *
 * Sources: https://ai.google.dev/api/generate-content, https://ai.google.dev/gemini-api/docs/function-calling
 */
import { isObject, type JsonObject } from "../../../../src/json/types.ts";
import { isWithin, objects, rootOfFunction } from "./checks.ts";

export function geminiRules(body: JsonObject): string[] {
  const functions = objects(body["tools"]).flatMap(({ functionDeclarations: list }) => objects(list));
  const config = isObject(body["generationConfig"]) ? body["generationConfig"] : {};
  const stops = Array.isArray(config["stopSequences"]) ? config["stopSequences"] : [];
  return [
    ...functions.flatMap(({ name, parameters, parametersJsonSchema: schema }) => [
      ...(/^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/.test(String(name)) ? [] : [`the name ${String(name)}`]),
      ...rootOfFunction(parameters, { type: "OBJECT" }),
      ...rootOfFunction(schema),
    ]),
    ...(stops.length > 5 ? ["stopSequences: more than five"] : []),
    ...isWithin(config, "temperature", 0, 2),
    ...isWithin(config, "candidateCount", 1, 8),
    ...isWithin(config, "logprobs", 0, 20),
    ...contentRules(objects(body["contents"])),
  ];
}

function contentRules(contents: readonly JsonObject[]): string[] {
  const found: string[] = [];
  let calls = 0;
  contents.forEach((content, index) => {
    const at = `contents[${index}]`;
    const parts = objects(content["parts"]);
    if (parts.length === 0) found.push(`${at}: empty`);
    if (!["user", "model"].includes(String(content["role"]))) found.push(`${at}: the role`);
    const responses = parts.filter((part) => part["functionResponse"] !== undefined).length;
    if (responses !== calls) found.push(`${at}: ${responses} responses to ${calls} calls`);
    if (responses > 0 && responses < parts.length) found.push(`${at}: something beside responses`);
    calls = parts.filter((part) => part["functionCall"] !== undefined).length;
    for (const part of parts) {
      const answer = part["functionResponse"];
      if (isObject(answer) && !isObject(answer["response"]))
        found.push(`${at}: a response that is no object`);
    }
  });
  if (contents[0]?.["role"] !== "user") found.push("contents: the first is not the user's");
  if (calls > 0) found.push("contents: calls at the end have no responses");
  return found;
}
