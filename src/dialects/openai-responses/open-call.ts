/** A function call that streams. */
import type { JsonObject } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";
import { callItem } from "./encode-output.ts";
import { deltaOpening, type EventWriter } from "./event-writer.ts";
import type { OpenItem } from "./open-item.ts";

export class OpenCall implements OpenItem {
  readonly #writer: EventWriter;
  readonly #outputIndex: number;
  readonly #id: string;
  readonly #item: JsonObject;
  readonly #opening: string;
  readonly #pieces: string[] = [];

  constructor(
    writer: EventWriter,
    outputIndex: number,
    context: EncodeContext,
    call: { readonly id: string; readonly name: string },
  ) {
    this.#writer = writer;
    this.#outputIndex = outputIndex;
    this.#id = `fc_${context.newId()}`;
    this.#item = callItem({ ...call, arguments: "" }, this.#id, "in_progress", context);
    this.#opening = deltaOpening("response.function_call_arguments.delta", this.#place());
  }

  added(): string {
    const members = { output_index: this.#outputIndex, item: this.#item };
    return this.#writer.write("response.output_item.added", members);
  }

  delta(text: string): string {
    if (text === "") return "";
    this.#pieces.push(text);
    return this.#writer.delta(this.#opening, text);
  }

  /** No arguments are `{}`: applications parse them. */
  done(): { text: string; item: JsonObject } {
    const nothing = this.#pieces.length === 0 ? this.delta("{}") : "";
    const args = this.#pieces.join("");
    const item = { ...this.#item, status: "completed", arguments: args };
    const members = { ...this.#place(), name: this.#item["name"] ?? "", arguments: args };
    const text =
      nothing +
      this.#writer.write("response.function_call_arguments.done", members) +
      this.#writer.write("response.output_item.done", { output_index: this.#outputIndex, item });
    return { text, item };
  }

  #place(): JsonObject {
    return { item_id: this.#id, output_index: this.#outputIndex };
  }
}
