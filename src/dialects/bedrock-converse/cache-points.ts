/**
 * Cache markers, which are blocks of their own in Converse: `cachePoint` caches what stands before it. A request
 * takes four; of more, the last four are kept, since what an earlier one covers is also covered by those behind it.
 *
 * Source: https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html
 */
import type { Losses } from "../../conversation/losses.ts";
import type { CacheMarker } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import type { ModelTraits } from "./model-traits.ts";

const maxPoints = 4;

export class CachePoints {
  readonly #traits: ModelTraits;
  readonly #losses: Losses;
  readonly #points: { readonly block: JsonObject; readonly path: string }[] = [];
  readonly #removed = new Set<JsonObject>();

  constructor(traits: ModelTraits, losses: Losses) {
    this.#traits = traits;
    this.#losses = losses;
  }

  /**
   * The cache point of a marker, to stand behind the block that was marked. To be called in the order tools, system,
   * messages.
   *
   * @returns undefined when the model takes none there; the loss is reported
   */
  point(marker: CacheMarker, at: string | undefined, place: "tools" | "prompt"): JsonObject | undefined {
    const path = at === undefined ? "cache_control" : `${at}.cache_control`;
    const { cachePoints, hourCache } = this.#traits;
    if (cachePoints === "nowhere" || (cachePoints === "not-in-tools" && place === "tools")) {
      this.#losses.dropped(path, "this model takes no cache points there");
      return undefined;
    }
    const isHour = marker.ttl === "1h" && hourCache;
    if (marker.ttl !== undefined && marker.ttl !== "5m" && !isHour)
      this.#losses.approximated(`${path}.ttl`, "the provider's default lifetime is used");
    const block: JsonObject = { cachePoint: { type: "default", ...(isHour && { ttl: "1h" }) } };
    this.#points.push({ block, path });
    return block;
  }

  /** To be called when all are placed. */
  limit(): void {
    for (const { block, path } of this.#points.slice(0, Math.max(0, this.#points.length - maxPoints))) {
      this.#removed.add(block);
      this.#losses.dropped(path, "Bedrock takes at most 4 cache points; the last ones are kept");
    }
  }

  /** The list without the points that are too many, and without a second one right behind another. */
  kept(blocks: readonly JsonObject[]): JsonObject[] {
    const rest = blocks.filter((block) => !this.#removed.has(block));
    return rest.filter(
      (block, i) => block["cachePoint"] === undefined || rest[i - 1]?.["cachePoint"] === undefined,
    );
  }
}
