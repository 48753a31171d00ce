/**
 * Formats that are not translated into any other: a call goes to targets of its own format, by its bytes, with the
 * model's name replaced; its answer goes back as it came, and is only read. What they share; the rest is data.
 */

import { InvalidRequestError } from "../../conversation/error.ts";
import type { Losses } from "../../conversation/losses.ts";
import type { OtherDialectName } from "../../conversation/parts.ts";
import type { Usage } from "../../conversation/usage.ts";
import type { JsonDocument } from "../../json/document.ts";
import type { JsonObject, JsonValue } from "../../json/types.ts";
import type { Dialect, EncodeTarget, ItemCount, PassthroughStream, RequestOutline } from "../dialect.ts";
import { decodeError, encodeError } from "../openai-chat/errors.ts";
import { models } from "../openai-chat/models.ts";
import { applyQuirks, type FieldChanges } from "../openai-chat/quirks.ts";
import type { Operation, Told } from "../operation.ts";
import { EventWatch } from "./event-watch.ts";

/** One format of the kind, in OpenAI's manner: errors of its shape, the model in the body. */
export interface PassingFormat {
  readonly name: OtherDialectName;
  readonly operation: Operation;
  /** See `ClientDialect`. */
  readonly forms?: boolean;
  /** The model that the API takes when the request names none; absent: it must name one. */
  usualModel?(path: string): string;
  /** Whether the answer was asked for in pieces; `stream` says so unless given. */
  isStream?(body: JsonDocument): boolean;
  /** See `Passthrough`. */
  usage(body: JsonObject, itemsOf?: ItemCount): Usage | undefined;
  streams?(contentType: string): boolean;
  stream?(contentType: string): PassthroughStream;
}

export type PassingDialect = Dialect<unknown, Told, OtherDialectName>;

export function passingDialect(format: PassingFormat): PassingDialect {
  return {
    name: format.name,
    operation: format.operation,
    ...(format.forms === true && { forms: true }),
    outline: (body, path) => outline(format, body, path),
    passthrough: {
      request: passRequest,
      usage: format.usage,
      ...(format.streams !== undefined && { streams: format.streams }),
      stream: (_, __, contentType = "") =>
        format.stream?.(contentType) ?? new EventWatch((event) => format.usage(event)),
    },
    // Nothing is asked in a neutral form: what rules may look at is the request itself.
    decodeRequest: (body) => body,
    encodeRequest: untranslated,
    decodeAnswer: untranslated,
    encodeAnswer: untranslated,
    streamDecoder: untranslated,
    streamEncoder: untranslated,
    decodeError,
    encodeError,
    models,
  };
}

function outline(format: PassingFormat, body: JsonDocument, path: string): RequestOutline {
  const isStream = format.isStream ?? ((asked) => isTrue(asked, "stream"));
  return {
    model: modelOf(format, body, path),
    stream: isStream(body),
    maxOutputTokens: undefined,
    answers: countOf(body.member("n")),
    includeUsage: true,
  };
}

/** Forms have texts for numbers. */
function countOf(value: JsonValue | undefined): number | undefined {
  const count = typeof value === "string" ? Number(value) : value;
  return typeof count === "number" && count >= 1 ? count : undefined;
}

/** What the API would take is named to the target too: a model that the policy has not let in must not answer. */
function modelOf({ usualModel }: PassingFormat, body: JsonDocument, path: string): string {
  const model = body.member("model");
  if (typeof model === "string" && model !== "") return model;
  const isAbsent = model === undefined || model === null;
  if (isAbsent && usualModel !== undefined) return usualModel(path);
  throw new InvalidRequestError("model", "model is required and must be a string.");
}

/** Also as a form says it, whose fields are all text. */
export function isTrue(body: JsonDocument, name: string): boolean {
  const value = body.member(name);
  return value === true || value === "true";
}

function passRequest(body: JsonDocument, target: EncodeTarget, losses: Losses): Uint8Array {
  const changes: FieldChanges = { model: target.model };
  const field = (name: string) => (Object.hasOwn(changes, name) ? changes[name] : body.member(name));
  const pathOf = (name: string) => (body.member(name) === undefined ? undefined : name);
  applyQuirks(target.quirks, field, changes, losses, pathOf);
  return body.edit(changes);
}

function untranslated(): never {
  throw new Error("a format that only passes was asked for a translation");
}
