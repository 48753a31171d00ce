/** The parts of a turn: texts go into the prompt, images beside it; for the rest there is no place. */
import type { Losses } from "../../conversation/losses.ts";
import type { ImagePart, Part } from "../../conversation/parts.ts";
import type { Turn } from "../../conversation/request.ts";
import type { JsonObject } from "../../json/types.ts";
import { formatDataUrl } from "../openai-chat/data-url.ts";
import { foreignType } from "../openai-chat/encode-content.ts";
import type { ModelTraits } from "./model-traits.ts";

/**
 * The images of a conversation, which all stand beside its prompt.
 *
 * Source: https://replicate.com/docs/topics/predictions/input-files
 */
export class PromptImages {
  readonly #traits: ModelTraits["images"];
  readonly #losses: Losses;
  readonly #urls: string[] = [];
  #isHigh = false;

  constructor(traits: ModelTraits, losses: Losses) {
    this.#traits = traits.images;
    this.#losses = losses;
  }

  get isEmpty(): boolean {
    return this.#urls.length === 0;
  }

  add({ source, detail }: ImagePart, path: string): void {
    const traits = this.#traits;
    if (traits === undefined) return this.#losses.droppedContent(path, "this model takes no images");
    if (source.kind === "file")
      return this.#losses.droppedContent(
        path,
        "a file in another provider's store means nothing to Replicate",
      );
    if (this.#urls.length >= traits.most)
      return this.#losses.droppedContent(path, `this model takes ${traits.most} images at most`);
    this.#urls.push(source.kind === "url" ? source.url : formatDataUrl(source));
    if (detail === "high") this.#isHigh = true;
  }

  /** Fields of the input. */
  encode(): JsonObject {
    const [first] = this.#urls;
    if (this.#traits === undefined || first === undefined) return {};
    const { field, isList } = this.#traits;
    if (isList) return { [field]: this.#urls };
    // Megapixels. Claude's images are scaled down to half a one unless it is said.
    return { [field]: first, ...(this.#isHigh && { max_image_resolution: 2 }) };
  }
}

/** What the turn says in words. What it shows is added to the images. */
export function turnText(turn: Turn, images: PromptImages, losses: Losses): string {
  if (turn.name !== undefined) losses.dropped(`${turn.at}.name`, "Replicate has no names of speakers");
  const texts = turn.parts.flatMap((part) => textOf(part, part.at ?? turn.at, images, losses));
  return texts.filter((text) => text !== "").join("\n\n");
}

function textOf(part: Part, path: string, images: PromptImages, losses: Losses): string[] {
  if (part.cache !== undefined) losses.dropped(`${path}.cache_control`, "Replicate takes no cache markers");
  switch (part.kind) {
    case "text":
      return [part.text];
    case "refusal":
      losses.approximated(path, "Replicate has no refusals; it is shown as text");
      return [part.text];
    case "image":
      images.add(part, path);
      return [];
    case "document":
      if (part.source.kind === "text") {
        losses.approximated(path, "Replicate has no documents; its text is in the prompt");
        return [part.source.text];
      }
      losses.droppedContent(path, "Replicate takes no documents");
      return [];
    case "reasoning":
      losses.dropped(path, `the reasoning is ${part.origin}'s; Replicate takes none`);
      return [];
    case "audio":
      losses.droppedContent(path, "Replicate takes no audio");
      return [];
    case "tool-call":
      losses.droppedContent(path, "Replicate has no tools; the call is not shown");
      return [];
    case "tool-result":
      losses.droppedContent(path, "Replicate has no tools; the result is not shown");
      return [];
    case "foreign":
      losses.droppedContent(path, `Replicate has no ${foreignType(part.value)} content`);
      return [];
    default: {
      const never: never = part;
      throw new TypeError(`unknown part: ${JSON.stringify(never)}`);
    }
  }
}
