/**
 * `cache_control` on encoded blocks. Anthropic takes four in a request; of more, the last four are kept, since
 * what an earlier one covers is also covered by those behind it.
 *
 * Source: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching
 */
import type { Losses } from "../../conversation/losses.ts";
import type { CacheMarker } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";

const maxMarkers = 4;

export class CacheMarkers {
  readonly #marked: { readonly block: JsonObject; readonly path: string }[] = [];

  /** Marks a block; to be called in the order tools, system, messages. */
  mark(block: JsonObject, marker: CacheMarker | undefined, at: string | undefined, losses: Losses): void {
    if (marker === undefined) return;
    const path = at === undefined ? "cache_control" : `${at}.cache_control`;
    const ttl = marker.ttl === "5m" || marker.ttl === "1h" ? marker.ttl : undefined;
    if (marker.ttl !== ttl)
      losses.approximated(`${path}.ttl`, "Anthropic caches for 5m or 1h; the default is used");
    block["cache_control"] = { type: "ephemeral", ...(ttl !== undefined && { ttl }) };
    this.#marked.push({ block, path });
  }

  /** @param reserved markers that the request has elsewhere (the automatic one at its top) */
  limit(reserved: number, losses: Losses): void {
    const extra = Math.max(0, this.#marked.length - (maxMarkers - reserved));
    for (const { block, path } of this.#marked.slice(0, extra)) {
      delete block["cache_control"];
      losses.dropped(path, "Anthropic takes at most 4 cache markers; the last ones are kept");
    }
  }
}
