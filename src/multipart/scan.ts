/** Where the parts of a form begin and end. */
import { InvalidRequestError } from "../conversation/error.ts";

export interface FormPart {
  readonly name: string;
  /** It has a file's name: its content is not text of ours to read. */
  readonly isFile: boolean;
  /** Of the delimiter before it, its leading line break included. */
  readonly start: number;
  readonly bodyStart: number;
  readonly bodyEnd: number;
}

const maxParts = 256;
const maxHeadBytes = 8 * 1024;
const lineBreak = "\r\n";

/** @throws InvalidRequestError when the content type names none */
export function boundaryOf(contentType: string): string {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  const boundary = match?.[1] ?? match?.[2];
  if (boundary !== undefined) return boundary;
  throw new InvalidRequestError("", "The content type multipart/form-data names no boundary.");
}

/**
 * One search per delimiter, and none within files.
 *
 * @throws InvalidRequestError
 */
export function scanForm(bytes: Buffer, boundary: string): FormPart[] {
  const delimiter = Buffer.from(`${lineBreak}--${boundary}`);
  const parts: FormPart[] = [];
  // The first delimiter may stand at the very beginning, without the line break before it.
  const opensAtOnce = bytes.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2));
  let start = opensAtOnce ? 0 : bytes.indexOf(delimiter);
  let after = opensAtOnce ? delimiter.length - 2 : start + delimiter.length;
  for (;;) {
    if (start < 0) throw malformed("it is cut off");
    if (bytes.toString("latin1", after, after + 2) === "--") return parts;
    if (parts.length >= maxParts) throw malformed(`it has more than ${maxParts} parts`);
    const headStart = bytes.indexOf(lineBreak, after);
    if (headStart < 0 || bytes.toString("latin1", after, headStart).trim() !== "") {
      throw malformed("a delimiter is followed by something else than a line break");
    }
    const headEnd = bytes.subarray(headStart, headStart + maxHeadBytes).indexOf("\r\n\r\n");
    if (headEnd < 0) throw malformed("a part has no end of its headers");
    const bodyStart = headStart + headEnd + 4;
    const bodyEnd = bytes.indexOf(delimiter, bodyStart - 2);
    if (bodyEnd < 0) throw malformed("it is cut off");
    const head = bytes.toString("utf8", headStart, headStart + headEnd);
    parts.push({ ...disposition(head), start, bodyStart, bodyEnd: Math.max(bodyEnd, bodyStart) });
    start = bodyEnd;
    after = bodyEnd + delimiter.length;
  }
}

function disposition(head: string): Pick<FormPart, "name" | "isFile"> {
  const line = /^content-disposition:([^\r\n]*)/im.exec(head)?.[1] ?? "";
  const name = /;\s*name=(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(line);
  if (name === null) throw malformed("a part has no name");
  return { name: name[1] ?? name[2] ?? "", isFile: /;\s*filename\*?=/i.test(line) };
}

function malformed(what: string): InvalidRequestError {
  return new InvalidRequestError("", `The body is not valid multipart/form-data: ${what}.`);
}
