/** `data:` URLs, the form in which OpenAI takes images and files. Source: RFC 2397. */

/** Its two halves, undecoded. */
export interface DataUrl {
  readonly mediaType: string;
  /** Base64. */
  readonly data: string;
}

/** Undefined when it is not a base64 data URL. */
export function parseDataUrl(url: string): DataUrl | undefined {
  if (!/^data:/i.test(url)) return undefined;
  const comma = url.indexOf(",");
  // The head is short; the data may be megabytes, and no pattern shall run over it.
  const head = comma < 0 ? undefined : /^data:([^;,]*)(?:;[^;,]*)*;base64$/i.exec(url.slice(0, comma));
  if (!head) return undefined;
  return { mediaType: head[1] || "application/octet-stream", data: url.slice(comma + 1) };
}

/** The URL of bytes that are base64 already. */
export function formatDataUrl({ mediaType, data }: DataUrl): string {
  return `data:${mediaType};base64,${data}`;
}
