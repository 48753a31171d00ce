/**
 * What one part of a content is. Every direction and the stream begin here.
 *
 * Source: https://ai.google.dev/api/caching#Part
 */
import { isObject, type JsonObject, type JsonValue } from "../../json/types.ts";
import { isForeignSignature } from "./signatures.ts";
import { camelCased } from "./spelling.ts";

export type ReadPart =
  | { readonly kind: "text"; readonly text: string; readonly thought: boolean; readonly signature?: string }
  | {
      readonly kind: "call";
      /** Empty when the provider gave none. */
      readonly id: string;
      readonly name: string;
      /** JSON text. */
      readonly arguments: string;
      readonly signature?: string;
    }
  | { readonly kind: "result"; readonly result: JsonObject }
  | {
      readonly kind: "inline";
      readonly mediaType: string;
      readonly data: string;
      readonly signature?: string;
    }
  | { readonly kind: "file"; readonly uri: string; readonly mediaType: string | undefined }
  /** Parts that only Gemini knows: executable code and its result, its own tools' calls, … */
  | { readonly kind: "other"; readonly part: JsonObject };

/** Members of a part that say how its content is to be taken. */
export const partMembers: ReadonlySet<string> = new Set([
  ...["text", "thought", "thoughtSignature", "inlineData", "fileData", "functionCall", "functionResponse"],
]);

/** @param given in either spelling */
export function readPart(given: JsonObject): ReadPart {
  const part = camelCased(given);
  const { text, thoughtSignature, functionCall, functionResponse, inlineData, fileData } = part;
  const signature: { signature?: string } =
    typeof thoughtSignature === "string" && thoughtSignature !== "" ? { signature: thoughtSignature } : {};
  if (isObject(functionCall)) {
    const isOwn = signature.signature !== undefined && !isForeignSignature(signature.signature);
    return { kind: "call", ...readCall(functionCall), ...(isOwn && signature) };
  }
  if (isObject(functionResponse)) return { kind: "result", result: camelCased(functionResponse) };
  if (isObject(inlineData)) {
    const { mimeType, data } = camelCased(inlineData);
    return { kind: "inline", mediaType: string(mimeType), data: standardBase64(string(data)), ...signature };
  }
  if (isObject(fileData)) {
    const { fileUri, mimeType } = camelCased(fileData);
    const mediaType = typeof mimeType === "string" && mimeType !== "" ? mimeType : undefined;
    return { kind: "file", uri: string(fileUri), mediaType };
  }
  const isBareSignature = text === undefined && thoughtSignature !== undefined && isOnly(part);
  if (typeof text === "string" || isBareSignature) {
    return { kind: "text", text: string(text), thought: part["thought"] === true, ...signature };
  }
  return { kind: "other", part };
}

function readCall(given: JsonObject): { id: string; name: string; arguments: string } {
  const call = camelCased(given);
  return {
    id: string(call["id"]),
    name: string(call["name"]),
    // No arguments are left out on the wire.
    arguments: JSON.stringify(call["args"] ?? {}),
  };
}

/** Google takes the URL's alphabet as well, and its SDK for Python writes it; nobody else does. */
function standardBase64(data: string): string {
  return /[-_]/.test(data) ? data.replaceAll("-", "+").replaceAll("_", "/") : data;
}

/** A signature with nothing beside it, as streams end with. */
function isOnly(part: JsonObject): boolean {
  return Object.keys(part).every((name) => name === "thoughtSignature" || name === "thought");
}

function string(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}
