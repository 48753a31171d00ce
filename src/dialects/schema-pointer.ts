/**
 * What a reference inside of a JSON Schema points to.
 *
 * Source: https://json-schema.org/draft/2020-12/json-schema-core#ref
 */
import { isObject, type JsonObject, type JsonValue } from "../json/types.ts";

/** Only references within the document: `#`, `#/$defs/name`. @param root of the document */
export function lookUp(reference: string, root: JsonObject): JsonObject | undefined {
  if (!reference.startsWith("#")) return undefined;
  let found: JsonValue | undefined = root;
  for (const step of reference.slice(1).split("/").slice(1)) {
    const name = unescaped(step);
    if (isObject(found)) found = Object.hasOwn(found, name) ? found[name] : undefined;
    else if (Array.isArray(found)) found = found[Number(name)];
    else return undefined;
  }
  return isObject(found) ? found : undefined;
}

function unescaped(step: string): string {
  const plain = step.replaceAll("~1", "/").replaceAll("~0", "~");
  try {
    return decodeURIComponent(plain);
  } catch {
    return plain;
  }
}
