/**
 * Reasoning that streams. What a provider shows of the thinking is its `summary`, the one place where every application
 * looks; what proves it comes with the item's end.
 */
import type { DialectName } from "../../conversation/parts.ts";
import type { JsonObject } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";
import { OpenMark } from "../signatures.ts";
import { reasoningItem } from "./encode-output.ts";
import { encodeOwnProof } from "./encrypted-content.ts";
import { deltaOpening, type EventWriter } from "./event-writer.ts";
import type { OpenItem } from "./open-item.ts";

export class OpenReasoning implements OpenItem {
  readonly #writer: EventWriter;
  readonly #outputIndex: number;
  readonly #id: string;
  /** Of another provider's reasoning. */
  readonly #mark: OpenMark | undefined;
  readonly #place: JsonObject;
  readonly #opening: string;
  readonly #pieces: string[] = [];
  #signature: string | undefined;
  #redacted: string | undefined;

  constructor(writer: EventWriter, outputIndex: number, context: EncodeContext, origin: DialectName) {
    this.#writer = writer;
    this.#outputIndex = outputIndex;
    this.#id = `rs_${context.newId()}`;
    this.#mark = origin === "openai-responses" ? undefined : new OpenMark(context.seal, origin);
    this.#place = { item_id: this.#id, output_index: outputIndex, summary_index: 0 };
    this.#opening = deltaOpening("response.reasoning_summary_text.delta", this.#place);
  }

  added(): string {
    const item = { id: this.#id, type: "reasoning", summary: [] };
    return this.#writer.write("response.output_item.added", { output_index: this.#outputIndex, item });
  }

  delta(text: string): string {
    const isFirst = this.#pieces.length === 0;
    this.#pieces.push(text);
    this.#mark?.add(text);
    const begun = isFirst ? this.#summaryPart("added", "") : "";
    return begun + this.#writer.delta(this.#opening, text);
  }

  sign(signature: string): void {
    this.#signature = `${this.#signature ?? ""}${signature}`;
  }

  redact(redacted: string): void {
    this.#redacted = redacted;
  }

  done(): { text: string; item: JsonObject } {
    const thought = this.#pieces.join("");
    const proof = {
      ...(this.#signature === undefined ? {} : { signature: this.#signature }),
      ...(this.#redacted === undefined ? {} : { redacted: this.#redacted }),
    };
    const content =
      this.#mark === undefined ? encodeOwnProof(proof) : { id: "", encrypted: this.#mark.end(proof) };
    const item = reasoningItem(thought, content, this.#id);
    const shown =
      this.#pieces.length === 0
        ? ""
        : this.#writer.write("response.reasoning_summary_text.done", { ...this.#place, text: thought }) +
          this.#summaryPart("done", thought);
    const members = { output_index: this.#outputIndex, item };
    return { text: shown + this.#writer.write("response.output_item.done", members), item };
  }

  #summaryPart(step: "added" | "done", text: string): string {
    const part = { type: "summary_text", text };
    return this.#writer.write(`response.reasoning_summary_part.${step}`, { ...this.#place, part });
  }
}
