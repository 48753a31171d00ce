/** A thread that translates one body after the other; started by `threads.ts`, and gone with the process. */
import { randomBytes } from "node:crypto";
import { workerData } from "node:worker_threads";
import { Seal } from "../dialects/seal.ts";
import { surveyDocument } from "../json/document.ts";
import { type Done, serve } from "../threads/serve.ts";
import { translate } from "./translate.ts";
import { failureOf, type Job, type Outcome, type ThreadData } from "./wire.ts";

const seal = new Seal((workerData as ThreadData).reasoningKey);

/** 24 characters of `[a-f0-9]`: 96 random bits. */
const newId = (): string => randomBytes(12).toString("hex");

serve((job: Job): Done<Outcome> => {
  if (job.kind === "survey") return { outcome: surveyDocument(job.body) };
  const translated = translate(job, newId, seal);
  // In memory of its own, so that it can be handed over without a copy.
  const body = ownMemory(translated.body);
  return { outcome: { ...translated, body }, transfer: [body.buffer] };
}, failureOf);

function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = bytes;
  const isWhole = buffer instanceof ArrayBuffer && byteOffset === 0 && byteLength === buffer.byteLength;
  return isWhole ? new Uint8Array(buffer) : new Uint8Array(bytes);
}
