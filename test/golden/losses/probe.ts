/** What a probe is: the smallest call or answer that has one feature. */
import type { JsonObject } from "../../../src/json/types.ts";

/** A request: one feature on top of a plain question. */
export interface RequestProbe {
  readonly feature: string;
  /** Top-level members; they replace those of the plain question. */
  readonly fields: JsonObject;
  /** The same without the feature, where that is more than the plain question. */
  readonly without?: JsonObject;
  /** Says what the models asked here do anyway, so a target may leave it out and nothing is lost. */
  readonly isDefault?: true;
}

/** The requests of one client dialect. */
export interface RequestCatalogue {
  /** Where its clients call. */
  readonly path: string;
  /** The plain question. */
  readonly plain: JsonObject;
  readonly probes: readonly RequestProbe[];
}

/** An answer: one feature. */
export interface AnswerProbe {
  readonly feature: string;
  readonly body: JsonObject;
}

export const answers = (table: Readonly<Record<string, JsonObject>>): AnswerProbe[] =>
  Object.entries(table).map(([feature, body]) => ({ feature, body }));

/**
 * A row for each feature, short to write.
 *
 * @param bases `RequestProbe.without`, by feature
 */
export const rows = (
  table: Readonly<Record<string, JsonObject>>,
  bases: Readonly<Record<string, JsonObject>> = {},
): RequestProbe[] =>
  Object.entries(table).map(([feature, fields]) => {
    const without = bases[feature];
    return { feature, fields, ...(without !== undefined && { without }) };
  });

export const defaults = (table: Readonly<Record<string, JsonObject>>): RequestProbe[] =>
  rows(table).map((probe) => ({ ...probe, isDefault: true }));

/** The smallest PNG, PDF and WAV that look like one. */
export const png =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
export const pdf = "JVBERi0xLjQKJSVFT0YK";
export const wav = "UklGRiQAAABXQVZFZm10IA==";

/** Closed: nothing but what is named. */
export const closedSchema: JsonObject = {
  type: "object",
  properties: { city: { type: "string" } },
  required: ["city"],
  additionalProperties: false,
};
/** One of several, at the root: what tools of MCP servers demand. */
export const eitherSchema: JsonObject = {
  type: "object",
  properties: { city: { type: "string" }, code: { type: "string" } },
  anyOf: [{ required: ["city"] }, { required: ["code"] }],
};
/** Open: optional members, any others, and a limit that not every provider enforces. */
export const openSchema: JsonObject = {
  type: "object",
  properties: { city: { type: "string", minLength: 2 }, population: { type: "integer", minimum: 0 } },
};
