import {
  logVerbosity,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  type ServiceDefinition,
  setLogVerbosity,
} from "@grpc/grpc-js";
import { Health, healthService, NOT_SERVING } from "./health.ts";
import { keepJsonMetadata } from "./json-metadata.ts";
import { OpenStreams } from "./open-streams.ts";
import { ProcessStream, type StreamOwner } from "./process-stream.ts";
import type { OpenSession } from "./session.ts";
import { removeStaleSocket } from "./stale-socket.ts";
import { Turns } from "./turns.ts";

const SERVICE = "envoy.service.ext_proc.v3.ExternalProcessor";
const PROCESS_PATH = `/${SERVICE}/Process`;

/** 64 MiB of body, as the recommended Envoy buffer limits have it, and room for what is around it. */
const DEFAULT_MAX_MESSAGE_BYTES = 65 * 1024 * 1024;

/** Per connection; Envoy opens another one when it is reached. */
const MAX_CONCURRENT_STREAMS = 10_000;

/** After the last exchange, the time for its last bytes to get out before connections are cut. */
const CLOSING_MS = 1_000;

/** How the edge is set up. */
export interface EdgeOptions {
  /** `host:port` (port 0: any free one) or `unix:/path`. */
  readonly listen: string;
  /** Bytes in one gRPC message, either way. A larger one ends its stream. Default 65 MiB. */
  readonly maxMessageBytes?: number;
  /** Called once per ext_proc stream. */
  readonly openSession: OpenSession;
  /**
   * Hears of what must not happen: a session that threw (its error as it was), an answer that cannot be sent
   * (TypeError, RangeError), a message that is no protobuf (`WireError`). The stream has been failed by then.
   */
  readonly onDefect: (error: unknown) => void;
}

/** The gRPC server that Envoy talks to. */
export interface Edge {
  /** Where it listens, with the real port once started; as in `EdgeOptions.listen`. */
  readonly address: string;
  /** Streams whose sessions have not been closed yet. */
  readonly openStreams: number;
  /** Listens; rejects if the address cannot be had. Health is SERVING from then on. */
  start(): Promise<void>;
  /**
   * Health says NOT_SERVING at once; new streams are served until none is open or the time is over. Then the
   * connections are closed; what is still open ends with UNAVAILABLE. Every session has been closed on
   * return. A second call waits for the first.
   */
  drain(timeoutMs: number): Promise<void>;
}

/**
 * Serves `ExternalProcessor/Process` and `grpc.health.v1.Health` on grpc-js. The calls to Process are taken
 * over by an interceptor, so that messages come straight from the HTTP/2 stream.
 */
export function createEdge(options: EdgeOptions): Edge {
  return new GrpcEdge(options);
}

class GrpcEdge implements Edge {
  readonly #health = new Health(SERVICE);
  readonly #streams = new OpenStreams();
  readonly #server: Server;
  #address: string;
  #draining: Promise<void> | undefined;
  #listening = false;

  constructor(options: EdgeOptions) {
    this.#address = options.listen;
    // It writes metadata values that it does not like to stderr, and those are not ours to tell.
    setLogVerbosity(logVerbosity.NONE);
    keepJsonMetadata();
    const maxMessageBytes = options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES;
    this.#server = new Server({
      "grpc.max_receive_message_length": maxMessageBytes,
      // The stream driver checks what it sends, so that the defect is heard of.
      "grpc.max_send_message_length": -1,
      "grpc.max_concurrent_streams": MAX_CONCURRENT_STREAMS,
      // Debug counters that nobody reads cost time in each message.
      "grpc.enable_channelz": 0,
      interceptors: [
        takeOver({
          openSession: options.openSession,
          maxMessageBytes,
          onDefect: options.onDefect,
          streams: this.#streams,
          turns: new Turns(),
        }),
      ],
    });
    this.#server.addService(processService, { Process: neverCalled });
    this.#server.addService(healthService, { Check: this.#health.check, Watch: this.#health.watch });
  }

  get address(): string {
    return this.#address;
  }

  get openStreams(): number {
    return this.#streams.count;
  }

  async start(): Promise<void> {
    if (this.#address.startsWith("unix:")) await removeStaleSocket(this.#address.slice("unix:".length));
    const port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(this.#address, ServerCredentials.createInsecure(), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    if (!this.#address.startsWith("unix:")) this.#address = this.#address.replace(/\d+$/, String(port));
    this.#listening = true;
  }

  drain(timeoutMs: number): Promise<void> {
    this.#draining ??= this.#drain(timeoutMs);
    return this.#draining;
  }

  async #drain(timeoutMs: number): Promise<void> {
    this.#health.set(NOT_SERVING);
    if (!this.#listening) return;
    await this.#streams.drained(timeoutMs);
    this.#streams.abortAll();
    this.#health.close();
    await this.#closeConnections();
  }

  /**
   * Not with forceShutdown: without channelz grpc-js loses track of its connections there and leaves them
   * open. Its drain spares connections whose peer has said goodbye too, hence the limit of our own.
   */
  async #closeConnections(): Promise<void> {
    this.#server.drain(this.#address, CLOSING_MS);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 2 * CLOSING_MS);
      this.#server.tryShutdown(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}

const bytesAsTheyAre = (bytes: Buffer): Buffer => bytes;

/** The codec is not given to grpc-js but run by the stream driver, which can report what it throws. */
const processService: ServiceDefinition = {
  Process: {
    path: PROCESS_PATH,
    requestStream: true,
    responseStream: true,
    requestSerialize: bytesAsTheyAre,
    requestDeserialize: bytesAsTheyAre,
    responseSerialize: bytesAsTheyAre,
    responseDeserialize: bytesAsTheyAre,
  },
};

function neverCalled(): never {
  throw new Error("the interceptor takes every call to Process over");
}

function takeOver(owner: StreamOwner): ServerInterceptor {
  return (method, call) =>
    method.path === PROCESS_PATH ? new ProcessCall(call, owner) : new ServerInterceptingCall(call);
}

/** Starts the call with our listener in place of the one that would wrap it in a Node stream. */
class ProcessCall extends ServerInterceptingCall {
  readonly #call: ServerInterceptingCallInterface;
  readonly #owner: StreamOwner;

  constructor(call: ServerInterceptingCallInterface, owner: StreamOwner) {
    super(call);
    this.#call = call;
    this.#owner = owner;
  }

  override start(): void {
    this.#call.start(new ProcessStream(this.#call, this.#owner));
  }
}
