/** No prediction answers with a stream: whatever says that it is one is none. */
import type { StreamEvent } from "../../conversation/events.ts";
import type { StreamDecoder } from "../dialect.ts";

export class ReplicateStreamDecoder implements StreamDecoder {
  #isOver = false;

  push(): StreamEvent[] {
    if (this.#isOver) return [];
    this.#isOver = true;
    const message = "Replicate answered with a stream, which it was not asked for.";
    return [{ kind: "error", error: { kind: "bad-gateway", status: 502, message } }];
  }

  end(): StreamEvent[] {
    return this.push();
  }
}
