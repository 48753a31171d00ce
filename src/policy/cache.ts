/**
 * Policies by their texts. The text comes with every exchange and changes only with Envoy's configuration, so each is
 * read once; texts that cannot be read are remembered too, or a broken route would cost a parse per call.
 */
import { parsePolicy } from "./parse.ts";
import { type Policy, PolicyError } from "./policy.ts";

interface Entry {
  readonly route: string | undefined;
  readonly virtualHost: string | undefined;
  readonly result: Policy | PolicyError;
}

export class PolicyCache {
  readonly #limit: number;
  readonly #parse: typeof parsePolicy;
  /** In order of use, the latest last. */
  readonly #entries = new Map<string, Entry>();
  /** Most calls are for the route of the call before: two comparisons instead of hashing 30 kB. */
  #latest: Entry | undefined;

  /** @param limit policies kept; the one unused for longest goes first */
  constructor(limit = 1000, parse: typeof parsePolicy = parsePolicy) {
    this.#limit = limit;
    this.#parse = parse;
  }

  /** @throws PolicyError, the same one for the same texts */
  get(routeText: string | undefined, virtualHostText: string | undefined): Policy {
    const latest = this.#latest;
    const entry =
      latest !== undefined && latest.route === routeText && latest.virtualHost === virtualHostText
        ? latest
        : this.#find(routeText, virtualHostText);
    this.#latest = entry;
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
    const entry = known ?? { route, virtualHost, result: this.#read(route, virtualHost) };
    if (known !== undefined) this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > this.#limit) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    return entry;
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
