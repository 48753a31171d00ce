/**
 * Tags: free names and values that a client puts on its calls, for reports. In a header of ours as JSON, and in those
 * that other gateways have for the same, so that applications need not change.
 *
 * What is in our own header must be right, and is refused otherwise. The other headers were written for somebody else: what
 * does not fit of them is left out.
 *
 * Sources: https://portkey.ai/docs/product/observability/metadata (JSON of texts),
 * https://developers.cloudflare.com/ai-gateway/observability/custom-metadata (JSON of texts, numbers, booleans),
 * https://docs.helicone.ai/features/advanced-usage/custom-properties (a header for each),
 * https://docs.litellm.ai/docs/proxy/request_tags (words with commas between; `name:value` by custom)
 */
import { parseObject } from "../json/parse-object.ts";
import type { JsonObject } from "../json/types.ts";
import { cleaned } from "./cleaned.ts";
import type { Evidence } from "./evidence.ts";

export const tagAliases = ["portkey", "cloudflare", "helicone", "litellm"] as const;
export type TagAlias = (typeof tagAliases)[number];

/** Where tags come from, and which. */
export interface TagSources {
  /** Lower case. */
  readonly header: string;
  readonly aliases: readonly TagAlias[];
  /** Names that are kept; undefined: all. */
  readonly allow: ReadonlySet<string> | undefined;
}

/** The header that clients put them in unless the policy names another. */
export const usualTagHeader = "x-tollgate-metadata";

/** Our own header holds what we cannot keep. */
export class TagsError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TagsError";
  }
}

export const mostTags = 16;
export const tagName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/;
const longestTagValue = 256;
/** Of all names and values together. Characters. */
const longestTags = 2048;
const longestHeader = 8192;
const heliconePrefix = "helicone-property-";

const aliasHeaders: Readonly<Record<TagAlias, string>> = {
  portkey: "x-portkey-metadata",
  cloudflare: "cf-aig-metadata",
  helicone: heliconePrefix,
  litellm: "x-litellm-tags",
};

/** Whether a header is one that tags are read from. @param name lower case */
export function holdsTags({ header, aliases }: TagSources, name: string): boolean {
  if (name === header) return true;
  return aliases.some((alias) =>
    alias === "helicone" ? name.startsWith(heliconePrefix) : name === aliasHeaders[alias],
  );
}

/** The key's own tags cannot be changed by the client; then come ours, then those of other gateways. */
export function tagsOf(
  sources: TagSources | undefined,
  evidence: Evidence,
): Readonly<Record<string, string>> {
  const ofKey = evidence.key?.tags ?? {};
  if (sources === undefined) return ofKey;
  const tags = new Tags(sources.allow, ofKey);
  const own = evidence.header(sources.header);
  if (own !== undefined) {
    for (const [name, value] of Object.entries(ownTags(own, sources.header)))
      tags.add(name, value, sources.header);
  }
  for (const alias of sources.aliases) {
    for (const [name, value] of foreignTags(alias, evidence)) tags.add(name, value, undefined);
  }
  return tags.found;
}

class Tags {
  readonly found: Record<string, string>;
  readonly #allow: ReadonlySet<string> | undefined;
  #count: number;
  #length = 0;

  constructor(allow: ReadonlySet<string> | undefined, ofKey: Readonly<Record<string, string>>) {
    this.#allow = allow;
    this.found = { ...ofKey };
    this.#count = Object.keys(ofKey).length;
  }

  /** @param header one that must be right, by its name */
  add(name: string, value: unknown, header: string | undefined): void {
    const problem = this.#add(name, value);
    if (problem !== undefined && header !== undefined) throw new TagsError(`${header}: ${problem}`);
  }

  /** What is wrong with it, if it could not be kept. */
  #add(name: string, value: unknown): string | undefined {
    if (!tagName.test(name) || name === "__proto__") return `${shownName(name)} is no name of a tag`;
    if (this.#allow?.has(name) === false || Object.hasOwn(this.found, name)) return undefined;
    const text = scalarText(value);
    if (text === undefined) return `${name} must be text, a number or true or false`;
    if (text.length > longestTagValue) return `${name} is longer than ${longestTagValue} characters`;
    const kept = cleaned(text);
    if (kept === undefined) return undefined;
    if (this.#count >= mostTags) return `has more than ${mostTags} tags`;
    this.#length += name.length + kept.length;
    if (this.#length > longestTags) return `has more than ${longestTags} characters`;
    this.#count += 1;
    this.found[name] = kept;
    return undefined;
  }
}

function ownTags(text: string, header: string): JsonObject {
  const tags = parsed(text);
  if (tags === undefined)
    throw new TagsError(`${header} must be a JSON object of at most ${longestHeader} characters`);
  return tags;
}

function parsed(text: string): JsonObject | undefined {
  return text.length > longestHeader ? undefined : parseObject(text);
}

function* foreignTags(alias: TagAlias, evidence: Evidence): Iterable<[name: string, value: unknown]> {
  switch (alias) {
    case "portkey":
    case "cloudflare":
      yield* Object.entries(parsed(evidence.header(aliasHeaders[alias]) ?? "") ?? {});
      return;
    case "helicone":
      for (const name of evidence.headerNames()) {
        if (name.startsWith(heliconePrefix)) yield [name.slice(heliconePrefix.length), evidence.header(name)];
      }
      return;
    case "litellm":
      for (const word of (evidence.header(aliasHeaders.litellm) ?? "").slice(0, longestHeader).split(",")) {
        const [name = "", ...value] = word.trim().split(":");
        yield [name.trim(), value.length === 0 ? true : value.join(":").trim()];
      }
      return;
    default:
      alias satisfies never;
  }
}

function scalarText(value: unknown): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "boolean":
      return String(value);
    default:
      return undefined;
  }
}

function shownName(name: string): string {
  return JSON.stringify(name.slice(0, 64));
}
