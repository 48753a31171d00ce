/** One row for each client's dialect at each target's, whole and streamed: what a translation costs, pair by pair. */
import { CHUNKS, DELTA_MARKER, WHOLE_MARKER } from "./answers.ts";
import {
  anthropicRequest,
  bedrockRequest,
  geminiRequest,
  openaiRequest,
  responsesRequest,
} from "./requests.ts";
import type { Call, Row } from "./rows.ts";

type Request = Pick<Call, "path" | "headers" | "body">;

interface Speaker {
  readonly name: string;
  readonly request: (model: string, stream: boolean) => Request;
  /** How often a piece of content stands in a stream of it. */
  readonly mentions: number;
}

const sizeBytes = 1_000;

/** Responses' last events repeat the whole text: in the part, the item, the response and by itself. */
const clients: readonly Speaker[] = [
  { name: "chat", request: (model, stream) => openaiRequest(model, sizeBytes, stream), mentions: 1 },
  { name: "responses", request: (model, stream) => responsesRequest(model, sizeBytes, stream), mentions: 5 },
  { name: "anthropic", request: (model, stream) => anthropicRequest(sizeBytes, stream, model), mentions: 1 },
  { name: "gemini", request: (model, stream) => geminiRequest(model, sizeBytes, stream), mentions: 1 },
];

/** Model names of the bench's policy, which say who answers. */
const targets = ["chat", "responses", "anthropic", "gemini", "bedrock"] as const;

/** Straight to the upstream, in its own dialect. Bedrock's text is not counted in frames of bytes. */
const direct: Readonly<Record<(typeof targets)[number], Speaker["request"]>> = {
  chat: (_, stream) => openaiRequest("gpt-4o", sizeBytes, stream),
  responses: (_, stream) => responsesRequest("gpt-5.1", sizeBytes, stream),
  anthropic: (_, stream) => anthropicRequest(sizeBytes, stream),
  gemini: (_, stream) => geminiRequest("gemini-2.5-flash", sizeBytes, stream),
  bedrock: (_, stream) => bedrockRequest(sizeBytes, stream),
};

export const pairModel = (target: string): string => `pair-${target}`;

export const pairRows: readonly Row[] = [false, true].flatMap((stream) =>
  clients.flatMap((client) => targets.map((target) => row(client, target, stream))),
);

/** Client and target of a row; undefined for other rows. */
export function pairOf(id: string): { readonly client: string; readonly target: string } | undefined {
  const [, client, target] = /^pair-(\w+)-(\w+)-/.exec(id) ?? [];
  return client === undefined || target === undefined ? undefined : { client, target };
}

function row(client: Speaker, target: (typeof targets)[number], stream: boolean): Row {
  const mentions = target === "responses" ? 5 : 1;
  return {
    id: `pair-${client.name}-${target}-${stream ? "stream" : "whole"}`,
    title: `${client.name} → ${target}, ${stream ? "stream" : "whole"}`,
    kind: stream ? "stream" : "whole",
    connections: 64,
    batch: stream ? 64 : 1_500,
    direct: call(direct[target]("", stream), stream, mentions),
    gated: call(client.request(pairModel(target), stream), stream, client.mentions),
  };
}

function call(request: Request, stream: boolean, mentions: number): Call {
  const marker = stream ? DELTA_MARKER : WHOLE_MARKER;
  return { ...request, marker, markers: stream ? CHUNKS * mentions : 1, ending: undefined };
}
