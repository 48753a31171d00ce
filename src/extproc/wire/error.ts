/**
 * Bytes that are no valid protobuf message of the contract in `proto/`: truncated, oversized, nested too
 * deeply, a field of the wrong type. The only error that decoders throw, so that hostile bytes can be told
 * from defects of our own.
 */
export class WireError extends Error {
  override readonly name = "WireError";
}
