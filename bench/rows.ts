/** What is measured: one row for each kind of exchange. */
import { CHUNKS, DELTA_MARKER, WHOLE_MARKER } from "./answers.ts";
import { quotaPrefix } from "./quotas.ts";
import { anthropicRequest, openaiRequest } from "./requests.ts";

/** One request and how its answer is recognised. */
export interface Call {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** Stands in a right answer exactly `markers` times, and the answer ends with `ending`. */
  readonly marker: Buffer;
  readonly markers: number;
  readonly ending: Buffer | undefined;
}

export interface Row {
  readonly id: string;
  readonly title: string;
  readonly kind: "whole" | "stream";
  readonly connections: number;
  /** Exchanges of one measured batch: enough that its CPU time is far above the kernel's 10 ms ticks. */
  readonly batch: number;
  /** What a client of plain Envoy sends: the upstream's own dialect. */
  readonly direct: Call;
  /** What a client of Tollgate sends: OpenAI's dialect, but in the rows of pairs. */
  readonly gated: Call;
}

const openaiWhole = (bytes: number): Call => wholeCall(openaiRequest("gpt-4o", bytes, false));
const openaiStream = streamCall(openaiRequest("gpt-4o", 1_000, true), "data: [DONE]\n\n");
const anthropicStream = streamCall(anthropicRequest(1_000, true), 'data: {"type":"message_stop"}\n\n');

/** The plainest exchange: for warming up, and for latency. */
export const firstRow = same("1kb-openai", "1 kB → OpenAI", "whole", 64, 4_000, openaiWhole(1_000));

/** The plainest exchange again, by somebody whom limits can count by. */
const caller = { "x-user-id": "ada", "x-department": "research" };
const byCaller: Row = {
  ...firstRow,
  id: "1kb-openai-caller",
  title: "1 kB, caller known",
  gated: { ...firstRow.gated, headers: { ...firstRow.gated.headers, ...caller } },
};
/** The same by the route that has three limits and a budget. */
const underQuotas: Row = {
  ...byCaller,
  id: "1kb-openai-quotas",
  title: "1 kB, 3 limits and a budget",
  gated: { ...byCaller.gated, path: `${quotaPrefix}${byCaller.gated.path.slice(1)}` },
};

export const rows: readonly Row[] = [
  firstRow,
  byCaller,
  underQuotas,
  same("32kb-openai", "32 kB", "whole", 64, 3_000, openaiWhole(32_000)),
  same("1mb-openai", "1 MB", "whole", 4, 400, openaiWhole(1_000_000)),
  {
    id: "1kb-anthropic",
    title: "1 kB → Anthropic",
    kind: "whole",
    connections: 64,
    batch: 4_000,
    direct: wholeCall(anthropicRequest(1_000, false)),
    gated: wholeCall(openaiRequest("claude-sonnet-4-5", 1_000, false)),
  },
  same("stream-openai", "300-chunk stream", "stream", 64, 64, openaiStream),
  {
    id: "stream-anthropic",
    title: "stream → Anthropic",
    kind: "stream",
    connections: 64,
    batch: 64,
    direct: anthropicStream,
    gated: streamCall(openaiRequest("claude-sonnet-4-5", 1_000, true), "data: [DONE]\n\n"),
  },
];

function same(
  id: string,
  title: string,
  kind: Row["kind"],
  connections: number,
  batch: number,
  call: Call,
): Row {
  return { id, title, kind, connections, batch, direct: call, gated: call };
}

function wholeCall(request: Pick<Call, "path" | "headers" | "body">): Call {
  return { ...request, marker: WHOLE_MARKER, markers: 1, ending: undefined };
}

function streamCall(request: Pick<Call, "path" | "headers" | "body">, ending: string): Call {
  return { ...request, marker: DELTA_MARKER, markers: CHUNKS, ending: Buffer.from(ending) };
}
