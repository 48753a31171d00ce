import fc from "fast-check";
import type {
  ContinueResponse,
  HeaderMutation,
  ImmediateResponse,
  ModeOverride,
  ProcessingResponse,
} from "../../../src/extproc/messages.ts";
import { isObject, type JsonObject, type JsonValue } from "../../../src/json/types.ts";
import type { Plain } from "./peers.ts";

/** Unicode without lone surrogates, which no UTF-8 can hold. */
const text = fc.string({ unit: "binary", maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const name = fc.stringMatching(/^[:a-z][a-z0-9-]{0,40}$/);
/** google-protobuf loses the key `__proto__` (a test of our own has it) and sorts the others. */
const key = text.filter((value) => value !== "__proto__");
const json = fc
  .dictionary(key, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 })
  .map((object) => sorted(JSON.parse(JSON.stringify(object)))) as fc.Arbitrary<JsonObject>;

function sorted(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  const keys = Object.keys(value).filter((name) => name !== "__proto__");
  return Object.fromEntries(keys.sort().map((name) => [name, sorted(value[name] as JsonValue)]));
}

const header: fc.Arbitrary<Plain> = fc.oneof(
  fc.record({
    key: name,
    raw_value: fc.oneof(
      bytes,
      text.map((value) => Buffer.from(value)),
    ),
  }),
  fc.record({ key: name, value: text }),
);
const headerMap = fc.record({ headers: fc.array(header, { maxLength: 30 }) });
const httpHeaders = fc.record({ headers: headerMap, end_of_stream: fc.boolean() });
const httpBody = fc.record({ body: bytes, end_of_stream: fc.boolean() });
const httpTrailers = fc.record({ trailers: headerMap });
const around = fc.record(
  { attributes: fc.dictionary(key, json, { maxKeys: 3 }), observability_mode: fc.boolean() },
  { requiredKeys: [] },
);

/** ProcessingRequests in the peers' plain form, each oneof member and none. */
export const plainRequest: fc.Arbitrary<Plain> = fc
  .tuple(
    fc.oneof(
      fc.record({ request_headers: httpHeaders }),
      fc.record({ response_headers: httpHeaders }),
      fc.record({ request_body: httpBody }),
      fc.record({ response_body: httpBody }),
      fc.record({ request_trailers: httpTrailers }),
      fc.record({ response_trailers: httpTrailers }),
      fc.constant({}),
    ),
    around,
  )
  .map(([member, rest]) => ({ ...member, ...rest }));

const mutation: fc.Arbitrary<HeaderMutation> = fc.record(
  { set: fc.array(fc.tuple(name, text), { maxLength: 10 }), remove: fc.array(name, { maxLength: 5 }) },
  { requiredKeys: [] },
);
const bodyMode = fc.constantFrom(
  "NONE" as const,
  "STREAMED" as const,
  "BUFFERED" as const,
  "FULL_DUPLEX_STREAMED" as const,
);
const headerMode = fc.constantFrom("SEND" as const, "SKIP" as const);
const modeOverride: fc.Arbitrary<ModeOverride> = fc.record(
  {
    responseHeaders: headerMode,
    requestBody: bodyMode,
    responseBody: bodyMode,
    responseTrailers: headerMode,
  },
  { requiredKeys: [] },
);
const metadata = fc.dictionary(key, json, { maxKeys: 3 });

const carryOn: fc.Arbitrary<ContinueResponse> = fc
  .tuple(
    fc.constantFrom(
      "request_headers" as const,
      "request_body" as const,
      "response_headers" as const,
      "response_body" as const,
    ),
    fc.record(
      { headers: mutation, clearRouteCache: fc.boolean(), modeOverride, dynamicMetadata: metadata },
      { requiredKeys: [] },
    ),
    fc.oneof(
      fc.constant({}),
      fc.record({ body: bytes }),
      fc.record({ streamedBody: fc.record({ chunk: bytes, endOfStream: fc.boolean() }) }),
    ),
  )
  .map(([kind, rest, body]) => ({ kind, ...rest, ...body }));
const trailers: fc.Arbitrary<ContinueResponse> = fc
  .tuple(
    fc.constantFrom("request_trailers" as const, "response_trailers" as const),
    fc.record({ headers: mutation, dynamicMetadata: metadata }, { requiredKeys: [] }),
  )
  .map(([kind, rest]) => ({ kind, ...rest }));
const immediate: fc.Arbitrary<ImmediateResponse> = fc
  .tuple(
    fc.record({ status: fc.integer({ min: 200, max: 599 }), body: bytes, details: text }),
    fc.record({ headers: mutation, dynamicMetadata: metadata }, { requiredKeys: [] }),
  )
  .map(([fixed, rest]) => ({ kind: "immediate" as const, ...fixed, ...rest }));

/** ProcessingResponses, each kind and each way to answer. */
export const response: fc.Arbitrary<ProcessingResponse> = fc.oneof(carryOn, trailers, immediate);
