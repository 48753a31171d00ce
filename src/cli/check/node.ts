/**
 * Envoy's configuration as a tree that knows its lines. Aliases and merge keys are followed, both spellings of a
 * field name are found (proto JSON allows `snake_case` and `lowerCamelCase`), and what is missing is just undefined,
 * so that rules can ask for anything in any file.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from "yaml";
import type { JsonValue } from "../../json/types.ts";
import { scalarValue } from "./scalar.ts";

/** Line and column, both from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** An anchor may hold an alias of itself; no real configuration is this deep. */
const deepest = 100;

/** What the nodes of one file share. */
export interface NodeSource {
  readonly document: Document;
  readonly lines: LineCounter;
}

/** A key of a mapping with its value. */
export interface ConfigEntry {
  readonly key: string;
  /** Where the key is written. */
  readonly at: Place;
  readonly value: ConfigNode;
}

/** A mapping, a list or a scalar. */
export class ConfigNode implements Place {
  /** One view per node, since rules walk the same parts over and over. */
  static readonly #views = new WeakMap<Node, ConfigNode>();
  readonly line: number;
  readonly column: number;
  readonly #node: Node;
  readonly #source: NodeSource;
  #entries: ReadonlyMap<string, ConfigEntry> | undefined;

  private constructor(node: Node, source: NodeSource) {
    this.#node = node;
    this.#source = source;
    const place = placeOf(node, source);
    this.line = place.line;
    this.column = place.column;
  }

  /** Undefined for nothing at all: a missing value, an alias of nothing. */
  static of(node: unknown, source: NodeSource): ConfigNode | undefined {
    const target = isAlias(node) ? node.resolve(source.document) : node;
    if (!isMap(target) && !isSeq(target) && !isScalar(target)) return undefined;
    const known = ConfigNode.#views.get(target);
    if (known !== undefined) return known;
    const view = new ConfigNode(target, source);
    ConfigNode.#views.set(target, view);
    return view;
  }

  /** Two nodes are one when they are written at one place, whatever aliases lead there. */
  get identity(): object {
    return this.#node;
  }

  /** The value at a path of field names, given in `snake_case`. */
  get(...path: readonly string[]): ConfigNode | undefined {
    let node: ConfigNode | undefined = this;
    for (const key of path) node = node?.entry(key)?.value;
    return node;
  }

  entry(key: string): ConfigEntry | undefined {
    const entries = this.#map();
    return entries.get(key) ?? entries.get(lowerCamel(key));
  }

  /** The entries of a mapping in the order written; none for anything else. */
  entries(): ConfigEntry[] {
    return [...this.#map().values()];
  }

  /** The items of a list; none for anything else. */
  items(): ConfigNode[] {
    if (!isSeq(this.#node)) return [];
    return this.#node.items.flatMap((item) => ConfigNode.of(item, this.#source) ?? []);
  }

  /** A scalar as text; undefined for lists, mappings and null. */
  get text(): string | undefined {
    const value = isScalar(this.#node) ? scalarValue(this.#node) : null;
    return value === null ? undefined : String(value);
  }

  get number(): number | undefined {
    const text = this.text;
    return text === undefined || text.trim() === "" || Number.isNaN(Number(text)) ? undefined : Number(text);
  }

  get isTrue(): boolean {
    return this.text === "true";
  }

  /** The message's own name in its `@type`, e.g. `HttpConnectionManager`. */
  get typeName(): string | undefined {
    return this.get("@type")?.text?.split(/[./]/).at(-1);
  }

  /** Where this mapping has a merge key (`<<`), if it has one. */
  get mergeKeyAt(): Place | undefined {
    if (!isMap(this.#node)) return undefined;
    const pair = (this.#node.items as Array<Pair<Node, Node | null>>).find(isMerge);
    return pair && placeOf(pair.key, this.#source);
  }

  /** Every node below and this one, each once however many aliases lead to it. */
  descendants(): ConfigNode[] {
    const found: ConfigNode[] = [];
    const seen = new Set<object>();
    const pending: ConfigNode[] = [this];
    for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
      if (seen.has(node.identity)) continue;
      seen.add(node.identity);
      found.push(node);
      const children = [...node.items(), ...node.entries().map((entry) => entry.value)];
      pending.push(...children.reverse());
    }
    return found;
  }

  /** The plain value, as Envoy would hand it on. */
  toJson(depth = 0): JsonValue {
    if (depth > deepest) throw new RangeError(`nested more than ${deepest} levels deep`);
    if (isSeq(this.#node)) return this.items().map((item) => item.toJson(depth + 1));
    if (isScalar(this.#node)) return scalarValue(this.#node);
    return Object.fromEntries(this.entries().map(({ key, value }) => [key, value.toJson(depth + 1)]));
  }

  #map(): ReadonlyMap<string, ConfigEntry> {
    this.#entries ??= this.#readMap(0);
    return this.#entries;
  }

  #readMap(depth: number): ReadonlyMap<string, ConfigEntry> {
    const entries = new Map<string, ConfigEntry>();
    if (!isMap(this.#node) || depth > deepest) return entries;
    const merged: ConfigEntry[] = [];
    for (const pair of this.#node.items as Array<Pair<Node, Node | null>>) {
      // Envoy's own tag for a key that only holds an anchor.
      if (pair.key.tag === "!ignore") continue;
      const value = ConfigNode.of(pair.value ?? null, this.#source) ?? this.#nothing(pair);
      if (isMerge(pair)) {
        const sources = isSeq(value.#node) ? value.items() : [value];
        for (const source of sources) merged.push(...source.#readMap(depth + 1).values());
      } else {
        const key = String(isScalar(pair.key) ? pair.key.value : pair.key);
        entries.set(key, { key, at: placeOf(pair.key, this.#source), value });
      }
    }
    // A key of its own wins over a merged one, and an earlier merge over a later.
    for (const entry of merged) if (!entries.has(entry.key)) entries.set(entry.key, entry);
    return entries;
  }

  /** `key:` with nothing after it. */
  #nothing(pair: Pair<Node, Node | null>): ConfigNode {
    const scalar = this.#source.document.createNode(null) as Node;
    scalar.range = pair.key.range ?? null;
    return new ConfigNode(scalar, this.#source);
  }
}

function isMerge({ key }: Pair<Node, Node | null>): boolean {
  return isScalar(key) && (key.value === "<<" || typeof key.value === "symbol") && key.type === "PLAIN";
}

function placeOf(node: Node, { lines }: NodeSource): Place {
  const { line, col } = lines.linePos(node.range?.[0] ?? 0);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

function lowerCamel(key: string): string {
  return key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
