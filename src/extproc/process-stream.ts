import { type Metadata, type ServerInterceptingCallInterface, status } from "@grpc/grpc-js";
import type { ProcessingRequest, ProcessingResponse } from "./messages.ts";
import type { Abortable, OpenStreams } from "./open-streams.ts";
import type { Opening, OpenSession, Outlet, Session } from "./session.ts";
import type { Turns } from "./turns.ts";
import { decodeRequest } from "./wire/request.ts";
import { encodePatience, encodeResponse } from "./wire/response.ts";

/** What a stream needs to know of its server. */
export interface StreamOwner {
  readonly openSession: OpenSession;
  /** Bytes in one message that we send. */
  readonly maxMessageBytes: number;
  /** A throw out of a session, or bytes that are no message (`WireError`). */
  onDefect(error: unknown): void;
  readonly streams: OpenStreams;
  readonly turns: Turns;
}

const OK = { code: status.OK, details: "" };
const sent = (): void => undefined;

/**
 * Drives one session from one gRPC call, as the call's listener, without Node object streams between.
 *
 * Reads one message at a time: the next is asked for when the session is done with the last. While a session
 * is busy with a promise one message more is read ahead and held, because only a pending read tells us that
 * Envoy has half-closed the stream; what comes after waits in HTTP/2 flow control.
 */
export class ProcessStream implements Outlet, Opening, Abortable {
  readonly #call: ServerInterceptingCallInterface;
  readonly #owner: StreamOwner;
  #metadata: Metadata | undefined;
  #session: Session | undefined;
  #ahead: ProcessingRequest | undefined;
  #busy = false;
  #over = false;

  constructor(call: ServerInterceptingCallInterface, owner: StreamOwner) {
    this.#call = call;
    this.#owner = owner;
  }

  /**
   * The initial metadata's first value for a key. `undefined` also for a value with a byte outside printable
   * ASCII: grpc-js drops such headers and does not say so. (JSON of claims is spared: see `json-metadata.ts`.)
   */
  metadata(key: string): string | undefined {
    const value = this.#metadata?.get(key)[0];
    return typeof value === "string" ? value : value?.toString("base64");
  }

  send(response: ProcessingResponse): void {
    if (this.#over) return;
    let bytes: Buffer;
    try {
      bytes = encodeResponse(response);
      if (bytes.length > this.#owner.maxMessageBytes) {
        throw new RangeError(`answer of ${bytes.length} bytes exceeds ${this.#owner.maxMessageBytes}`);
      }
    } catch (error) {
      this.#defect(error);
      return;
    }
    this.#call.sendMessage(bytes, sent);
  }

  askPatience(ms: number): void {
    if (!this.#over) this.#call.sendMessage(encodePatience(ms), sent);
  }

  end(): void {
    this.#finish(OK);
  }

  fail(reason: string): void {
    this.#finish({ code: status.INTERNAL, details: printable(reason) });
  }

  /** Ends the stream because the server does: Envoy may open it anew elsewhere. */
  abort(): void {
    this.#finish({ code: status.UNAVAILABLE, details: "shutting down" });
  }

  /** grpc-js: the call has begun. */
  onReceiveMetadata(metadata: Metadata): void {
    this.#metadata = metadata;
    this.#owner.streams.opened(this);
    try {
      this.#session = this.#owner.openSession(this, this);
    } catch (error) {
      this.#defect(error);
      return;
    }
    if (!this.#over) this.#call.startRead();
  }

  /** grpc-js: a message that startRead asked for. */
  onReceiveMessage(bytes: Buffer): void {
    if (this.#over) return;
    let message: ProcessingRequest;
    try {
      message = decodeRequest(bytes);
    } catch (error) {
      this.#defect(error);
      return;
    }
    if (this.#busy) this.#ahead = message;
    else if (this.#owner.turns.free) this.#deliver(message);
    else this.#postpone(message);
  }

  #postpone(message: ProcessingRequest): void {
    this.#busy = true;
    this.#ahead = message;
    this.#owner.turns.wait(() => this.#settled());
  }

  /** grpc-js: Envoy is done with the exchange; what the session may still be at concerns nobody. */
  onReceiveHalfClose(): void {
    this.#finish(OK);
  }

  /** grpc-js: the call was reset, failed or timed out; it also says so after every regular end. */
  onCancel(): void {
    this.#close();
  }

  /** A loop, for startRead may hand over the next message at once, and thousands may be waiting. */
  #deliver(first: ProcessingRequest): void {
    let message: ProcessingRequest | undefined = first;
    while (message !== undefined && !this.#over) {
      let pending: void | Promise<void>;
      this.#busy = true;
      this.#ahead = undefined;
      try {
        pending = this.#session?.receive(message);
      } catch (error) {
        this.#defect(error);
        return;
      }
      if (!this.#over) this.#call.startRead();
      if (pending !== undefined) {
        pending.then(
          () => this.#settled(),
          (error: unknown) => this.#defect(error),
        );
        return;
      }
      this.#busy = false;
      message = this.#ahead;
      this.#owner.turns.done();
      if (message !== undefined && !this.#owner.turns.free) return this.#postpone(message);
    }
  }

  #settled(): void {
    this.#busy = false;
    if (this.#ahead !== undefined) this.#deliver(this.#ahead);
  }

  #defect(error: unknown): void {
    this.#finish({ code: status.INTERNAL, details: "internal error" });
    this.#owner.onDefect(error);
  }

  #finish(outcome: { code: status; details: string }): void {
    if (this.#over) return;
    this.#call.sendStatus(outcome);
    this.#close();
  }

  /** Ends our side once. The session hears of it in a turn of its own, never inside one of its own calls. */
  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#ahead = undefined;
    process.nextTick(() => this.#closed());
  }

  #closed(): void {
    this.#owner.streams.closed(this);
    try {
      this.#session?.closed();
    } catch (error) {
      this.#owner.onDefect(error);
    }
  }
}

/** grpc-js throws out of an event handler for a status text that encodeURI refuses (lone surrogates). */
function printable(reason: string): string {
  return reason.slice(0, 256).replace(/[^\x20-\x7e]/g, "?");
}
