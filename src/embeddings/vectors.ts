/**
 * Vectors written in one way or the other. Models compute in 32-bit floats or less, so that base64 of those holds all
 * there is to a number; a provider's JSON may spell it with more digits.
 */
import type { Vector } from "./answer.ts";

const bytesPerNumber = 4;

export function asBase64(vector: Vector): string {
  if (typeof vector === "string") return vector;
  const bytes = Buffer.allocUnsafe(vector.length * bytesPerNumber);
  let at = 0;
  for (const value of vector) at = bytes.writeFloatLE(value, at);
  return bytes.toString("base64");
}

export function asNumbers(vector: Vector): number[] {
  if (typeof vector !== "string") return [...vector];
  const bytes = Buffer.from(vector, "base64");
  return Array.from({ length: bytes.length / bytesPerNumber }, (_, index) =>
    bytes.readFloatLE(index * bytesPerNumber),
  );
}

/** @throws Error when it is neither numbers nor base64 of whole floats */
export function readVector(value: unknown): Vector {
  if (typeof value === "string") {
    if (value === "" || Buffer.byteLength(value, "base64") % bytesPerNumber !== 0)
      throw new Error("an embedding is not base64 of 32-bit floats");
    return value;
  }
  if (!Array.isArray(value) || value.length === 0 || !value.every((number) => typeof number === "number"))
    throw new Error("an embedding is not a list of numbers");
  return value;
}
