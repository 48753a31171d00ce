/**
 * Policies by their texts. The text comes with every exchange and changes only with Envoy's configuration, so each is
 * read once; texts that cannot be read are remembered too, or a broken route would cost a parse per call.
 */
import { parsePolicy } from "./parse.ts";
import { type Policy, PolicyError } from "./policy.ts";

interface Entry {
  readonly key: string;
  readonly route: string | undefined;
  readonly virtualHost: string | undefined;
  readonly result: Policy | PolicyError;
}

/** A gateway has few routes at a time: a handful of comparisons instead of hashing 30 kB per call. */
const mostRecent = 8;

export class PolicyCache {
  readonly #limit: number;
  readonly #parse: typeof parsePolicy;
  /** In order of use, the latest last, but for the recent ones. */
  readonly #entries = new Map<string, Entry>();
  readonly #recent: Entry[] = [];

  /** @param limit policies kept; the one unused for longest goes first */
  constructor(limit = 1000, parse: typeof parsePolicy = parsePolicy) {
    this.#limit = limit;
    this.#parse = parse;
  }

  /** @throws PolicyError, the same one for the same texts */
  get(routeText: string | undefined, virtualHostText: string | undefined): Policy {
    const index = this.#recent.findIndex(
      ({ route, virtualHost }) => route === routeText && virtualHost === virtualHostText,
    );
    const entry = this.#recent[index] ?? this.#find(routeText, virtualHostText);
    if (index !== 0) this.#putFirst(entry, index);
    if (entry.result instanceof PolicyError) throw entry.result;
    return entry.result;
  }

  get size(): number {
    return this.#entries.size;
  }

  #find(route: string | undefined, virtualHost: string | undefined): Entry {
    // The length keeps the border between the two texts.
    const key = `${route?.length ?? "-"} ${virtualHost?.length ?? "-"} ${route ?? ""}${virtualHost ?? ""}`;
    const known = this.#entries.get(key);
    const entry = known ?? { key, route, virtualHost, result: this.#read(route, virtualHost) };
    this.#entries.set(key, entry);
    return entry;
  }

  #putFirst(entry: Entry, index: number): void {
    if (index > 0) this.#recent.splice(index, 1);
    this.#recent.unshift(entry);
    if (this.#recent.length > Math.min(mostRecent, this.#limit)) this.#retire(this.#recent.pop());
    if (this.#entries.size <= this.#limit) return;
    for (const oldest of this.#entries.values()) {
      if (this.#recent.includes(oldest)) continue;
      this.#entries.delete(oldest.key);
      return;
    }
  }

  /** Uses while it was among the recent did not show in the map's order. */
  #retire(entry: Entry | undefined): void {
    if (entry === undefined) return;
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
  }

  #read(route: string | undefined, virtualHost: string | undefined): Policy | PolicyError {
    try {
      return this.#parse(route, virtualHost);
    } catch (error) {
      if (error instanceof PolicyError) return error;
      throw error;
    }
  }
}
