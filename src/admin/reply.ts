/** Answers of the admin server. */

export interface AdminReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
  /** Beside `content-type`, `content-length`, `cache-control` and `x-content-type-options`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): AdminReply {
  return { status, contentType: "application/json", body: `${JSON.stringify(value)}\n`, headers };
}

export function text(status: number, contentType: string, body: string): AdminReply {
  return { status, contentType, body };
}
