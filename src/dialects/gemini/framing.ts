/**
 * How the pieces of a streamed answer are put on the wire: as server-sent events, or as the elements of one JSON array,
 * which is how Google's APIs stream unless `alt=sse` is asked for.
 *
 * An error is an element as well, and the last. Clients take the array without its end for a stream that was cut, and
 * many of them read past an error that they do not expect: so an array whose answer is not complete is left open.
 *
 * Sources: https://cloud.google.com/apis/docs/http#streaming, https://github.com/googleapis/gapic-showcase/issues/1377,
 * https://cloud.google.com/php/docs/reference/gax/latest/Transport.Rest.JsonStreamDecoder
 */
import { streamForm } from "./paths.ts";

/** One per answer. */
export interface Framing {
  /** @param json the text of one object, without raw line breaks */
  piece(json: string): string;
  /** After the last piece of a stream that nobody cut. */
  end(): string;
}

/** What a streamed answer in an array is called. */
export const arrayContentType = "application/json; charset=UTF-8";

export const arrayStart = "[";
export const arraySeparator = ",\r\n";
export const arrayEnd = "]";

/** @param path of the client's call; without one, events */
export function wantsArray(path: string | undefined): boolean {
  return path !== undefined && streamForm(path) === "array";
}

/** @param path of the client's call */
export function framingFor(path: string | undefined): Framing {
  return wantsArray(path) ? new ArrayFraming() : eventFraming;
}

const eventFraming: Framing = {
  piece: (json) => `data: ${json}\n\n`,
  end: () => "",
};

class ArrayFraming implements Framing {
  #before = arrayStart;

  piece(json: string): string {
    const text = this.#before + json;
    this.#before = arraySeparator;
    return text;
  }

  end(): string {
    return arrayEnd;
  }
}
