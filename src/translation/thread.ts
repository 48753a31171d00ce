/** A thread that translates one body after the other; started by `threads.ts`, and gone with the process. */
import { randomBytes } from "node:crypto";
import { parentPort, workerData } from "node:worker_threads";
import { Seal } from "../dialects/seal.ts";
import { surveyDocument } from "../json/document.ts";
import { translate } from "./translate.ts";
import { type FromThread, failureOf, type ThreadData, type ToThread } from "./wire.ts";

const port = parentPort;
if (port === null) throw new Error("this program is a thread of Tollgate");

const seal = new Seal((workerData as ThreadData).reasoningKey);

/** 24 characters of `[a-f0-9]`: 96 random bits. */
const newId = (): string => randomBytes(12).toString("hex");

port.on("message", ({ number, job }: ToThread) => {
  let answer: FromThread;
  try {
    if (job.kind === "survey") {
      answer = { number, outcome: surveyDocument(job.body) };
      port.postMessage(answer);
      return;
    }
    const translated = translate(job, newId, seal);
    // In memory of its own, so that it can be handed over without a copy.
    const body = ownMemory(translated.body);
    answer = { number, outcome: { ...translated, body } };
    port.postMessage(answer, [body.buffer]);
  } catch (error) {
    answer = { number, failure: failureOf(error) };
    port.postMessage(answer);
  }
});

function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength;
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
