import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HeaderMutation, ProcessingResponse } from "../../../src/extproc/messages.ts";
import { decodeRequest } from "../../../src/extproc/wire/request.ts";
import { encodePatience, encodeResponse } from "../../../src/extproc/wire/response.ts";
import type { JsonObject, JsonValue } from "../../../src/json/types.ts";
import { plainRequest, response } from "./arbitraries.ts";
import { type Plain, peers } from "./peers.ts";

const RUNS = { numRuns: 400 };
const MODES = { NONE: 0, STREAMED: 1, BUFFERED: 2, FULL_DUPLEX_STREAMED: 4 };
const HEADER_MODES = { SEND: 1, SKIP: 2 };

describe.each(peers)("the codec and $name", (peer) => {
  test("requests it encodes are decoded to what was meant", () => {
    fc.assert(
      fc.property(plainRequest, (plain) => {
        const decoded = decodeRequest(peer.encodeRequest(plain));
        const member = Object.keys(plain).find((key) => /headers|body|trailers/.test(key));
        const content = (plain[member ?? ""] ?? {}) as Plain;
        const headerMap = (content["headers"] ?? content["trailers"] ?? { headers: [] }) as {
          headers: Plain[];
        };
        expect({
          kind: decoded.kind,
          headers: [...decoded.headers.entries()],
          body: Buffer.from(decoded.body),
          endOfStream: decoded.endOfStream,
          attributes: { ...decoded.attributes },
        }).toEqual({
          kind: member ?? "unknown",
          headers: headerMap.headers.map((header) => [header["key"], headerText(header)]),
          body: content["body"] ?? Buffer.alloc(0),
          endOfStream: member?.endsWith("trailers") || (content["end_of_stream"] ?? false),
          attributes: flatten((plain["attributes"] ?? {}) as Record<string, JsonObject>),
        });
      }),
      RUNS,
    );
  });

  test("responses we encode are decoded to what was meant", () => {
    fc.assert(
      fc.property(response, (message) => {
        expect(pruned(peer.decodeResponse(encodeResponse(message)))).toEqual(pruned(expected(message)));
      }),
      RUNS,
    );
  });

  test.each([
    [15_000, { seconds: 15 }],
    [1_250, { seconds: 1, nanos: 250_000_000 }],
    [7, { nanos: 7_000_000 }],
  ])("patience of %i ms is decoded to what was meant", (ms, duration) => {
    const { override_message_timeout: decoded, ...rest } = peer.decodeResponse(encodePatience(ms));
    const { seconds, nanos } = decoded as Plain;
    // One of the peers has 64-bit numbers as objects.
    expect(pruned({ seconds: Number(seconds), nanos })).toEqual(duration);
    expect(pruned(rest)).toEqual({});
  });

  test("a large body crosses whole, in both directions", () => {
    const body = Buffer.alloc(8_000_000, "0123456789");
    expect(decodeRequest(peer.encodeRequest({ request_body: { body } })).body.length).toBe(body.length);
    const sent = encodeResponse({ kind: "request_body", body });
    const mutation = peer.decodeResponse(sent)["request_body"] as { response: { body_mutation: Plain } };
    expect(body.equals(mutation.response.body_mutation["body"] as Buffer)).toBe(true);
  });
});

function headerText(header: Plain): string {
  const raw = header["raw_value"] as Buffer | undefined;
  if (raw === undefined) return header["value"] as string;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
  } catch {
    return raw.toString("latin1");
  }
}

function flatten(byFilter: Record<string, JsonObject>): Record<string, string> {
  const entries: Array<[string, string]> = [];
  for (const attributes of Object.values(byFilter)) {
    for (const [name, value] of Object.entries(attributes)) {
      const text = attributeText(value);
      if (text !== undefined) entries.push([name, text]);
    }
  }
  return Object.fromEntries(entries);
}

function attributeText(value: JsonValue): string | undefined {
  if (typeof value === "string") return value;
  return value === null ? undefined : JSON.stringify(value);
}

/** What the contract says a response looks like, in the peers' plain form. */
function expected(message: ProcessingResponse): Plain {
  const top = message.dynamicMetadata === undefined ? {} : { dynamic_metadata: message.dynamicMetadata };
  if (message.kind === "immediate") {
    const { status, headers, body, details } = message;
    const reply = { status: { code: status }, ...mutation("headers", headers), body, details };
    return { ...top, immediate_response: reply };
  }
  const headers = mutation("header_mutation", message.headers);
  if (message.kind.endsWith("trailers")) return { ...top, [message.kind]: headers };
  const { body, streamedBody, modeOverride: mode } = message;
  const override = mode && {
    response_header_mode: mode.responseHeaders && HEADER_MODES[mode.responseHeaders],
    request_body_mode: mode.requestBody && MODES[mode.requestBody],
    response_body_mode: mode.responseBody && MODES[mode.responseBody],
    response_trailer_mode: mode.responseTrailers && HEADER_MODES[mode.responseTrailers],
  };
  const streamed = streamedBody && {
    streamed_response: { body: streamedBody.chunk, end_of_stream: streamedBody.endOfStream },
  };
  const replaced = body && (body.length > 0 ? { body } : { clear_body: true });
  const common = {
    status: body && message.kind.endsWith("headers") ? 1 : 0,
    ...headers,
    body_mutation: streamed ?? replaced,
    clear_route_cache: message.clearRouteCache,
  };
  return { ...top, mode_override: override, [message.kind]: { response: common } };
}

function mutation(field: string, headers: HeaderMutation | undefined): Plain {
  if (headers === undefined) return {};
  const set = (headers.set ?? []).map(([key, value]) => ({
    header: { key, raw_value: Buffer.from(value) },
    append_action: 2,
  }));
  return { [field]: { set_headers: set, remove_headers: headers.remove ?? [] } };
}

/** Without default values, which proto3 leaves out, and empty messages around nothing. */
function pruned(value: unknown, inMetadata = false): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value);
  if (inMetadata || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => pruned(item));
  const kept: Plain = {};
  for (const [key, item] of Object.entries(value)) {
    const short = pruned(item, key === "dynamic_metadata");
    const empty = Array.isArray(short) || short instanceof Uint8Array ? short.length === 0 : !short;
    if (!empty) kept[key] = short;
  }
  // A CommonResponse with nothing in it means the same as none.
  if (Object.keys((kept["response"] ?? { some: 1 }) as Plain).length === 0) delete kept["response"];
  return kept;
}
