import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  status,
} from "@grpc/grpc-js";
import { Reader } from "./wire/reader.ts";
import { Writer } from "./wire/writer.ts";

/** HealthCheckResponse.ServingStatus */
export const SERVING = 1;
export const NOT_SERVING = 2;
const SERVICE_UNKNOWN = 3;
type Serving = typeof SERVING | typeof NOT_SERVING | typeof SERVICE_UNKNOWN;

/** Watch streams open at once; each Envoy needs one at most. */
const MAX_WATCHERS = 1_000;

/** An object even though it holds one string: grpc-js takes an empty string for no message at all. */
interface Question {
  readonly service: string;
}
type Watcher = ServerWritableStream<Question, Serving>;

/** `grpc.health.v1.Health` as grpc-js wants it described; messages are a question and a status. */
export const healthService: ServiceDefinition = {
  Check: {
    path: "/grpc.health.v1.Health/Check",
    requestStream: false,
    responseStream: false,
    requestSerialize: Buffer.from,
    requestDeserialize: decodeQuestion,
    responseSerialize: encodeServing,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
  Watch: {
    path: "/grpc.health.v1.Health/Watch",
    requestStream: false,
    responseStream: true,
    requestSerialize: Buffer.from,
    requestDeserialize: decodeQuestion,
    responseSerialize: encodeServing,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

/**
 * The state of the server and of its one service, for whoever asks.
 *
 * Source: https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export class Health {
  readonly #services: readonly string[];
  readonly #watchers = new Set<Watcher>();
  #state: typeof SERVING | typeof NOT_SERVING = SERVING;

  /** @param service full name; the empty name, the whole server, is known besides */
  constructor(service: string) {
    this.#services = ["", service];
  }

  /** Tells all who watch, if the state is a new one. */
  set(state: typeof SERVING | typeof NOT_SERVING): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const watcher of this.#watchers) watcher.write(this.#of(watcher.request.service));
  }

  /** Ends all Watch streams, which would otherwise keep their connections open for good. */
  close(): void {
    for (const watcher of this.#watchers) {
      watcher.emit("error", { code: status.UNAVAILABLE, details: "shutting down" });
    }
    this.#watchers.clear();
  }

  readonly check: handleUnaryCall<Question, Serving> = (call, callback) => {
    const state = this.#of(call.request.service);
    if (state === SERVICE_UNKNOWN) callback({ code: status.NOT_FOUND, details: "unknown service" });
    else callback(null, state);
  };

  readonly watch: handleServerStreamingCall<Question, Serving> = (watcher) => {
    if (this.#watchers.size >= MAX_WATCHERS) {
      watcher.emit("error", { code: status.RESOURCE_EXHAUSTED, details: "too many watchers" });
      return;
    }
    this.#watchers.add(watcher);
    watcher.once("cancelled", () => this.#watchers.delete(watcher));
    watcher.write(this.#of(watcher.request.service));
  };

  #of(service: string): Serving {
    return this.#services.includes(service) ? this.#state : SERVICE_UNKNOWN;
  }
}

/** HealthCheckRequest: service = 1. */
function decodeQuestion(bytes: Buffer): Question {
  const reader = new Reader(bytes);
  let service = "";
  while (reader.hasMore) {
    const tag = reader.tag();
    if (tag >>> 3 === 1) service = reader.text(tag);
    else reader.skipField(tag);
  }
  return { service };
}

/** HealthCheckResponse: status = 1. */
function encodeServing(state: Serving): Buffer {
  const writer = new Writer(16);
  writer.varint(1, state);
  return writer.finish();
}
