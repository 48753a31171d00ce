/** A call whose client and target both speak this dialect: bytes pass, only the model and what quirks ask is written. */
import type { Losses } from "../../conversation/losses.ts";
import type { JsonDocument } from "../../json/document.ts";
import type { EncodeTarget, Passthrough } from "../dialect.ts";
import type { FieldChanges } from "../openai-chat/quirks.ts";
import { decodeUsage } from "../openai-chat/usage.ts";
import { passesNoStream } from "../unstreamed.ts";
import { fitFields } from "./quirks.ts";

export const passthrough: Passthrough = {
  request: passRequest,
  usage: (body) => decodeUsage(body["usage"]),
  ...passesNoStream,
};

function passRequest(body: JsonDocument, target: EncodeTarget, losses: Losses): Uint8Array {
  const changes: FieldChanges = { model: target.model };
  const field = (name: string) => (name === "model" ? target.model : body.member(name));
  const pathOf = (name: string) => (body.member(name) === undefined ? undefined : name);
  return body.edit(fitFields(target.quirks, field, changes, losses, pathOf));
}
