/** A lower limit on an answer's length; thoughts are a part of it. */
import type { JsonDocument } from "../../json/document.ts";
import { isObject } from "../../json/types.ts";
import { numberIn } from "./outline.ts";
import { camelCased } from "./spelling.ts";

const configNames = ["generationConfig", "generation_config"] as const;

/** @returns the very same bytes when the request's own limit is not above */
export function limitOutput(body: JsonDocument, tokens: number): Uint8Array {
  const name = configNames.find((candidate) => body.member(candidate) !== undefined) ?? configNames[0];
  const written = body.member(name);
  const config = isObject(written) ? camelCased(written) : {};
  const own = numberIn(config["maxOutputTokens"]);
  if (own !== undefined && own <= tokens) return body.bytes;
  return body.edit({ [name]: { ...config, maxOutputTokens: tokens } });
}
