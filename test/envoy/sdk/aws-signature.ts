/**
 * AWS's signature, made again from the request as it arrived.
 *
 * Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from "node:crypto";
import type { RecordedRequest } from "../harness/upstream.ts";

export interface AwsSignatureParts {
  readonly accessKeyId: string;
  /** `date/region/service/aws4_request` */
  readonly scope: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Undefined when the header is no such signature. */
export function signatureOf({ headers }: RecordedRequest): AwsSignatureParts | undefined {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? "",
    );
  if (match === null) return undefined;
  const [, accessKeyId = "", scope = "", signed = "", signature = ""] = match;
  return { accessKeyId, scope, signedHeaders: signed.split(";"), signature };
}

/** The signature that AWS would compute for this request. */
export function expectedSignature(request: RecordedRequest, secretAccessKey: string): string {
  const parts = signatureOf(request);
  if (parts === undefined) throw new Error("the request is not signed");
  const [path = "", query = ""] = request.path.split("?");
  const canonical = [
    request.method,
    // Every service but S3 encodes the path once more.
    path.split("/").map(encodeURIComponent).join("/"),
    query,
    ...parts.signedHeaders.map(
      (name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, " ")}`,
    ),
    "",
    parts.signedHeaders.join(";"),
    sha256(request.body),
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], parts.scope, sha256(canonical)].join(
    "\n",
  );
  const key = parts.scope
    .split("/")
    .reduce<Buffer | string>(
      (secret, part) => createHmac("sha256", secret).update(part).digest(),
      `AWS4${secretAccessKey}`,
    );
  return createHmac("sha256", key).update(toSign).digest("hex");
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
