/** One client call, from its request to its settlement: what is known of it and shared by its streams. */
import type { Losses } from "../conversation/losses.ts";
import { noUsage } from "../conversation/usage.ts";
import type { AnyClientDialect, AnyTargetDialect, RequestOutline } from "../dialects/dialect.ts";
import type { Seal } from "../dialects/seal.ts";
import type { HeaderList } from "../extproc/headers.ts";
import type { Caller } from "../identity/caller.ts";
import type { JsonDocument } from "../json/document.ts";
import type { JsonObject } from "../json/types.ts";
import type { RequestFiles } from "../media/request-files.ts";
import type { ModelRoute, Policy, Target } from "../policy/policy.ts";
import type { Endpoint, Provider } from "../providers/provider.ts";
import type { AttemptTried, Remarks, Spent } from "../telemetry/record.ts";

/** One try at one target. */
export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  readonly target: Target;
  readonly provider: Provider;
  /** What of the provider is asked. */
  readonly endpoint: Endpoint;
  readonly dialect: AnyTargetDialect;
  /** The model asked of the target. */
  readonly model: string;
  readonly losses: Losses;
  /** The request's tokens, estimated from its texts; undefined where they are always counted. */
  readonly inputTokens?: number;
}

/** An attempt that got no answer: its time ran out, or it was refused, reset or never connected. */
export type Unanswered = Exclude<AttemptTried["result"], number | "cancelled">;

const nothingSpent: Spent = {
  usage: noUsage,
  costNanoUsd: 0,
  chargedNanoUsd: 0,
  costSource: "unknown",
};

/** What was decided about a call when its body was read. */
export interface Admission {
  /** As the client sent it, but for what rules have changed. */
  readonly document: JsonDocument;
  /** The client's own, which Envoy still has: `document`'s, unless a rule has changed them. */
  readonly received: Uint8Array;
  readonly outline: RequestOutline;
  readonly modelRoute: ModelRoute;
  /** Everybody who may answer, once each, in order of preference. */
  readonly chain: readonly Target[];
  /** At least one; attempt n goes to number n, and attempts beyond the end to the last. */
  readonly schedule: readonly Target[];
}

/** What is known of a call before its body has been read. */
type Call = Pick<Exchange, "id" | "route" | "policy" | "client" | "headers" | "caller">;

export class Exchange {
  readonly id: string;
  readonly route: string;
  readonly policy: Policy;
  /** The dialect the client speaks. */
  readonly client: AnyClientDialect;
  readonly headers: HeaderList;
  readonly caller: Caller;
  readonly remarks: Remarks = { headers: [], rulings: [], reservedNanoUsd: undefined };
  /** Set once the body has been read; undefined before, and again when no attempt can follow any more. */
  admission: Admission | undefined;
  readonly #attempts: Attempt[] = [];
  /** Monotonic milliseconds at which each of them went out. */
  readonly #startsMs: number[] = [];
  /** As the client asked; known once the body has been read. */
  modelAsked: string | undefined;
  stream = false;
  /** Streams only: the client asked for a usage event. */
  includeUsage = false;
  /** The client's own limit, or a lower one of rules, if any. Tokens; kept when the request is not. */
  maxOutputTokens: number | undefined;
  /** Size of the client's request, from which its tokens are estimated when nobody counted them; 0 for forms. */
  requestBytes = 0;
  /** What the client's dialect repeats of the request in its answers; only known when an answer does not pass. */
  echo: JsonObject | undefined;
  /** Statuses of attempts that were answered, but not with success, by number. */
  readonly failures = new Map<number, number>();
  /** Attempts that ran out of their time, by number. */
  readonly timeouts = new Set<number>();
  /** The status by which a target answered the last attempt; undefined while none has. */
  answeredStatus: number | undefined;
  /** Why the target of a later attempt cannot take the request, which therefore was not sent. */
  objection: string | undefined;
  /** What was fetched for targets that take files as bytes only; undefined until the first attempt is written. */
  files: RequestFiles | undefined;
  /** Asks Envoy to wait longer for what it is owed; set by the stream that owes it. */
  askPatience: (ms: number) => void = () => undefined;
  #asked: { readonly of: JsonDocument; readonly request: unknown } | undefined;

  constructor(call: Call) {
    this.id = call.id;
    this.route = call.route;
    this.policy = call.policy;
    this.client = call.client;
    this.headers = call.headers;
    this.caller = call.caller;
  }

  /** Of the client's call, with its query. */
  get path(): string {
    return this.headers.get(":path") ?? "";
  }

  /** Client and target speak the same: bytes pass, and nothing is decoded. */
  speaks(dialect: AnyTargetDialect): boolean {
    return dialect.name === this.client.name;
  }

  /** The answer goes to the client by its bytes. */
  passes({ dialect, endpoint }: Pick<Attempt, "dialect" | "endpoint">): boolean {
    return this.speaks(dialect) && endpoint.answersDiffer !== true;
  }

  /** The client waits for a stream, and answers to what it asks can be written as one. */
  get awaitsEvents(): boolean {
    return this.stream && this.client.operation.events !== undefined;
  }

  get attempts(): readonly Attempt[] {
    return this.#attempts;
  }

  /** The attempt under way, or the one that was answered. */
  get attempt(): Attempt | undefined {
    return this.#attempts.at(-1);
  }

  /** @param nowMs monotonic */
  begin(attempt: Attempt, nowMs: number): void {
    this.#attempts.push(attempt);
    this.#startsMs.push(nowMs);
  }

  /** The request in its operation's neutral form, decoded on first use. @throws InvalidRequestError */
  decoded(document: JsonDocument, seal: Seal): unknown {
    if (this.#asked?.of !== document) {
      const request = this.client.decodeRequest(document.value, { path: this.path, seal });
      this.#asked = { of: document, request };
    }
    return this.#asked.request;
  }

  /**
   * What was tried, in order, for `x-tollgate-attempts`: `openai;503, claude;200`. `timeout` and `failed`
   * stand for attempts without an answer.
   *
   * @param last how the last attempt ended, unless it has been noted that it failed or ran out of its time
   */
  attemptsTried(last: number | Unanswered): string {
    return this.#attempts
      .map(({ number, target }, index) => `${target.cluster};${this.#result(number, index, last)}`)
      .join(", ");
  }

  /**
   * The same for the record.
   *
   * @param endMs monotonic: when the exchange was over
   * @param spent what each of them took
   */
  attemptRecords(last: AttemptTried["result"], endMs: number, spent: readonly Spent[]): AttemptTried[] {
    return this.#attempts.map(({ number, target, provider, model }, index) => ({
      ...(spent[index] ?? nothingSpent),
      number,
      cluster: target.cluster,
      provider: provider.name,
      model,
      result: this.#result(number, index, last),
      durationMs: (this.#startsMs[index + 1] ?? endMs) - (this.#startsMs[index] ?? endMs),
    }));
  }

  #result<Last extends AttemptTried["result"]>(number: number, index: number, last: Last) {
    const known = this.failures.get(number) ?? (this.timeouts.has(number) ? ("timeout" as const) : undefined);
    return known ?? (index === this.#attempts.length - 1 ? last : ("failed" as const));
  }

  /** What the body says of the call; kept also when the call is refused for it. */
  asked(outline: RequestOutline, requestBytes: number): void {
    this.modelAsked = outline.model;
    this.stream = outline.stream;
    this.includeUsage = outline.includeUsage;
    this.maxOutputTokens = outline.maxOutputTokens;
    this.requestBytes = requestBytes;
  }

  /** Frees the request: it is not needed once an answer has come, or nobody waits for one. */
  forgetRequest(): void {
    this.files?.release();
    this.files = undefined;
    this.admission = undefined;
    this.#asked = undefined;
  }
}
