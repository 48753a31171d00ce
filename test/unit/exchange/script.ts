/** Scripted ext_proc conversations: what Envoy would say, and what the session answered, without gRPC between. */

import { InFlight } from "../../../src/exchange/inflight.ts";
import { sessionsWith } from "../../../src/exchange/open-session.ts";
import type { Services } from "../../../src/exchange/services.ts";
import { HeaderList } from "../../../src/extproc/headers.ts";
import type {
  ContinueResponse,
  Phase,
  ProcessingRequest,
  ProcessingResponse,
} from "../../../src/extproc/messages.ts";
import type { Session } from "../../../src/extproc/session.ts";
import { surveyDocument } from "../../../src/json/document.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { PolicyCache } from "../../../src/policy/cache.ts";
import type { ExchangeRecord } from "../../../src/telemetry/record.ts";
import { LearnedOutput } from "../../../src/tokens/learned-output.ts";
import { TranslationUnavailableError } from "../../../src/translation/job.ts";
import { translate } from "../../../src/translation/translate.ts";
import { seal } from "../../sealing.ts";
import { tokenPrice } from "./pricing.ts";

/** The services of one test, with what they were told. */
export interface Workplace {
  readonly services: Services;
  readonly records: ExchangeRecord[];
  readonly notices: string[];
}

export function workplace(overrides: Partial<Services> = {}): Workplace {
  const records: ExchangeRecord[] = [];
  const notices: string[] = [];
  let ids = 0;
  let clockMs = 0;
  const services: Services = {
    policies: new PolicyCache(),
    keys: { find: () => ({ kind: "unknown" }) },
    rules: [],
    ownAnswers: new Map(),
    inFlight: new InFlight(100),
    pricing: tokenPrice,
    learnedOutput: new LearnedOutput(),
    recorder: { record: (record) => records.push(record) },
    notices: {
      misconfigured: (route, problem) => notices.push(`${route}: ${problem}`),
      defect: (where, error) => notices.push(`defect in ${where}: ${String(error)}`),
    },
    seal,
    media: {
      filesFor: () => {
        throw new Error("nothing shall be fetched");
      },
    },
    // As the threads do it, in a later turn.
    translator: {
      survey: async (body) => surveyDocument(body),
      translate: async (job, wanted) => {
        await new Promise((resolve) => setImmediate(resolve));
        if (!wanted()) throw new TranslationUnavailableError("nobody waits");
        return translate(job, services.newId, services.seal);
      },
    },
    maxBodyBytes: 1024 * 1024,
    workerAddress: undefined,
    monotonicMs: () => ++clockMs,
    unixSeconds: () => 1_760_000_000,
    newId: () => String(++ids).padStart(24, "0"),
    random: () => 0.5,
    ...overrides,
  };
  return { services, records, notices };
}

/** One stream: says messages, keeps the answers. */
export class Stream {
  readonly answers: ProcessingResponse[] = [];
  failure: string | undefined;
  ended = false;
  /** Milliseconds that Envoy was asked to wait. */
  readonly patience: number[] = [];
  readonly #session: Session;

  constructor(services: Services, metadata: Readonly<Record<string, string>>) {
    const outlet = {
      send: (response: ProcessingResponse) => {
        if (!this.ended) this.answers.push(response);
      },
      askPatience: (ms: number) => this.patience.push(ms),
      end: () => {
        this.ended = true;
      },
      fail: (reason: string) => {
        this.failure ??= reason;
        this.ended = true;
      },
    };
    this.#session = sessionsWith(services)({ metadata: (key) => metadata[key] }, outlet);
  }

  /** Says one message and returns the answers it caused. */
  async say(
    kind: Phase | "unknown",
    message: Partial<ProcessingRequest> = {},
  ): Promise<ProcessingResponse[]> {
    const before = this.answers.length;
    const blank = { headers: HeaderList.empty, body: new Uint8Array(0), endOfStream: false, attributes: {} };
    await this.#session.receive({ ...blank, ...message, kind });
    return this.answers.slice(before);
  }

  close(): void {
    this.#session.closed();
  }
}

/** Lets the target answer, whole; what the client gets of it. */
export async function answerWhole(
  stream: Stream,
  status: number,
  body: JsonObject | string,
  contentType = "application/json",
) {
  const before = stream.answers.length;
  await stream.say("response_headers", {
    headers: headers({ ":status": String(status), "content-type": contentType }),
    attributes: { "response.code_details": "via_upstream" },
  });
  await stream.say("response_body", { body: bytes(body) });
  await stream.say("response_body", { endOfStream: true });
  const parts = stream.answers.slice(before) as ContinueResponse[];
  const set = new Map(parts.flatMap((part) => part.headers?.set ?? []));
  return { set, body: parts.map((part) => text(part.streamedBody?.chunk)).join("") };
}

export function headers(fields: Readonly<Record<string, string>>): HeaderList {
  return new HeaderList(Object.entries(fields).flat());
}

export function bytes(value: JsonObject | string): Uint8Array {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
}

export function text(body: Uint8Array | undefined): string {
  return Buffer.from(body ?? []).toString("utf8");
}

/** The stream metadata that the exchange filter sends for a route with this policy. */
export function exchangeMetadata(
  policy: JsonObject | undefined,
  virtualHost?: JsonObject,
): Record<string, string> {
  return {
    "x-tollgate-role": "exchange",
    "x-tollgate-route": "gated",
    "x-tollgate-client-ip": "192.0.2.7",
    "x-tollgate-policy": `route:${policy === undefined ? "" : JSON.stringify(policy)}`,
    "x-tollgate-defaults": `virtual_host:${virtualHost === undefined ? "" : JSON.stringify(virtualHost)}`,
  };
}

/** Two providers, one model that fails over from the first to the second. */
export const twoProviders: JsonObject = {
  targets: { openai: { provider: "openai" }, claude: { provider: "anthropic" } },
  models: {
    "gpt-4o": {
      targets: [{ cluster: "openai" }, { cluster: "claude", model: "claude-sonnet-4-5" }],
    },
    "claude-sonnet-4-5": { targets: [{ cluster: "claude" }, { cluster: "openai", model: "gpt-4o" }] },
  },
};
