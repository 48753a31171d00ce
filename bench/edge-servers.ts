import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { Server, ServerCredentials, type ServerDuplexStream, type ServiceDefinition } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { Phase } from "../src/extproc/messages.ts";

// What runs in production: from source, tsx adds a call per closure to our code, and to nobody else's.
interface Built {
  readonly server: typeof import("../src/extproc/server.ts");
  readonly "wire/request": typeof import("../src/extproc/wire/request.ts");
  readonly "wire/response": typeof import("../src/extproc/wire/response.ts");
}
async function built<File extends keyof Built>(file: File): Promise<Built[File]> {
  return (await import(new URL(`../dist/extproc/${file}.js`, import.meta.url).href)) as Built[File];
}

/** Servers with a processor that says "go on" to everything; each resolves to its `host:port`. */
export const servers: Readonly<Record<string, () => Promise<string>>> = {
  "grpc-js, call streams, proto-loader": callStreams,
  "grpc-js, interceptor, our codec": ours,
  "node:http2, our codec": bareHttp2,
};

type Message = { request: string };

async function callStreams(): Promise<string> {
  const definition = loadSync("envoy/service/ext_proc/v3/external_processor.proto", {
    includeDirs: [fileURLToPath(new URL("../proto", import.meta.url))],
    keepCase: true,
    oneofs: true,
  });
  const server = new Server();
  const service = definition["envoy.service.ext_proc.v3.ExternalProcessor"] as unknown as ServiceDefinition;
  server.addService(service, {
    Process: (call: ServerDuplexStream<Message, object>) => {
      call.on("data", (message: Message) => call.write({ [message.request]: {} }));
      call.on("end", () => call.end());
      call.on("error", () => undefined);
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return `127.0.0.1:${port}`;
}

async function ours(): Promise<string> {
  const { createEdge } = await built("server");
  const edge = createEdge({
    listen: "127.0.0.1:0",
    openSession: (_, outlet) => ({
      receive: (message) => outlet.send({ kind: message.kind as Phase }),
      closed: () => undefined,
    }),
    onDefect: (error) => console.error(error),
  });
  await edge.start();
  return edge.address;
}

/** As little as can be called a server: no limits, no compression, no deadlines, no health, no drain. */
async function bareHttp2(): Promise<string> {
  const { decodeRequest } = await built("wire/request");
  const { encodeResponse } = await built("wire/response");
  const server = createServer();
  server.on("stream", (stream) => {
    stream.respond({ ":status": 200, "content-type": "application/grpc+proto" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": 0 }));
    stream.on("error", () => undefined);
    let pending: Buffer = Buffer.alloc(0);
    stream.on("data", (data: Buffer) => {
      pending = pending.length === 0 ? data : Buffer.concat([pending, data]);
      while (pending.length >= 5) {
        const end = 5 + pending.readUInt32BE(1);
        if (pending.length < end) return;
        const { kind } = decodeRequest(pending.subarray(5, end));
        pending = pending.subarray(end);
        const answer = encodeResponse({ kind: kind as Phase });
        const frame = Buffer.allocUnsafe(5 + answer.length);
        frame[0] = 0;
        frame.writeUInt32BE(answer.length, 1);
        answer.copy(frame, 5);
        stream.write(frame);
      }
    });
    stream.on("end", () => stream.end());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
