/** A message that streams: texts and refusals, one after the other. */
import { Losses } from "../../conversation/losses.ts";
import type { TextPart } from "../../conversation/parts.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";
import { encodeSaid, messageItem } from "./encode-output.ts";
import { deltaOpening, type EventWriter } from "./event-writer.ts";
import { encodeLogprobs, streamedLogprobs } from "./logprobs.ts";
import type { OpenItem } from "./open-item.ts";

export class OpenMessage implements OpenItem {
  readonly #writer: EventWriter;
  readonly #outputIndex: number;
  readonly #id: string;
  readonly #content: JsonObject[] = [];
  #kind: "text" | "refusal" | undefined;
  #opening = "";
  #pieces: string[] = [];
  #logprobs: JsonValue[] = [];

  constructor(writer: EventWriter, outputIndex: number, context: EncodeContext) {
    this.#writer = writer;
    this.#outputIndex = outputIndex;
    this.#id = `msg_${context.newId()}`;
  }

  added(): string {
    const item = messageItem(this.#id, "in_progress", []);
    return this.#writer.write("response.output_item.added", { output_index: this.#outputIndex, item });
  }

  /** More content. */
  begin(kind: "text" | "refusal"): string {
    this.#kind = kind;
    this.#pieces = [];
    this.#logprobs = [];
    const [name, more] = kind === "text" ? ["output_text", { logprobs: [] }] : ["refusal", {}];
    this.#opening = deltaOpening(`response.${name}.delta`, { ...this.#place(), ...more });
    const part = encodeSaid({ kind, text: "" }, [], "", new Losses());
    return this.#writer.write("response.content_part.added", { ...this.#place(), part });
  }

  delta(text: string): string {
    this.#pieces.push(text);
    return this.#writer.delta(this.#opening, text);
  }

  /** Shown when the text is complete: a delta is on its way before its own are known. */
  addLogprobs(logprobs: JsonValue): void {
    for (const token of encodeLogprobs(logprobs)) this.#logprobs.push(token);
  }

  endContent(annotations: TextPart["annotations"]): string {
    const kind = this.#kind;
    if (kind === undefined) return "";
    this.#kind = undefined;
    const said = this.#pieces.join("");
    const place = this.#place();
    // A stream has no place for a loss report.
    const part = encodeSaid(
      { kind, text: said, ...(annotations === undefined ? {} : { annotations }) },
      this.#logprobs,
      "",
      new Losses(),
    );
    this.#content.push(part);
    const cited = Array.isArray(part["annotations"]) ? part["annotations"] : [];
    const done =
      kind === "text"
        ? this.#writer.write("response.output_text.done", {
            ...place,
            text: said,
            logprobs: streamedLogprobs(this.#logprobs),
          })
        : this.#writer.write("response.refusal.done", { ...place, refusal: said });
    return (
      cited.map((annotation, index) => this.#annotation(annotation, index, place)).join("") +
      done +
      this.#writer.write("response.content_part.done", { ...place, part })
    );
  }

  done(status: "completed" | "incomplete"): { text: string; item: JsonObject } {
    const rest = this.endContent(undefined);
    const item = messageItem(this.#id, status, this.#content);
    const members = { output_index: this.#outputIndex, item };
    return { text: rest + this.#writer.write("response.output_item.done", members), item };
  }

  #annotation(annotation: JsonValue, index: number, place: JsonObject): string {
    const members = { ...place, annotation_index: index, annotation };
    return this.#writer.write("response.output_text.annotation.added", members);
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.#outputIndex, content_index: this.#content.length };
  }
}
