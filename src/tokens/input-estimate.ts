/**
 * A request's input tokens, guessed from its bytes alone, before anybody has read it: for reserving what a call may come
 * to. It looks at a few bytes of each stretch, so that megabytes cost what kilobytes do, and tells files (base64) from text.
 */

/** Of UTF-8. English prose and code have 4, Chinese (3 bytes a character, 0.8 tokens) 3.8; markup counts as well. */
const bytesPerToken = 4;
const stretchBytes = 4_096;
/** From one byte that is looked at to the next: a prime, lest what repeats itself be met at the same place each time. */
const stepBytes = 127;

/**
 * What a file comes to at least, and for how many bytes of base64 one more token is counted: a picture of 1 MB comes to
 * 11,000 tokens, a page of a scanned document to some 2,000.
 * Sources: https://platform.claude.com/docs/en/build-with-claude/vision (1,600 a picture at most),
 * https://platform.openai.com/docs/guides/images-vision (765 to 1,105 a picture),
 * https://platform.claude.com/docs/en/build-with-claude/pdf-support (1,500 to 3,000 a page)
 */
const tokensPerFile = 1_600;
const fileBytesPerToken = 150;

/** Letters, digits, `+`, `/`, `-`, `_` and `=`: no text goes on for long without anything else. */
const isBase64 = new Uint8Array(256);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=") {
  isBase64[character.charCodeAt(0)] = 1;
}

/** @param body JSON text. */
export function inputEstimate(body: Uint8Array): number {
  let textBytes = 0;
  let fileBytes = 0;
  let files = 0;
  let wasFile = false;
  for (let start = 0; start < body.length; start += stretchBytes) {
    const length = Math.min(stretchBytes, body.length - start);
    const isFile = length === stretchBytes && isBase64Throughout(body, start);
    if (isFile) fileBytes += length;
    else textBytes += length;
    if (isFile && !wasFile) files++;
    wasFile = isFile;
  }
  return Math.ceil(textBytes / bytesPerToken + fileBytes / fileBytesPerToken) + files * tokensPerFile;
}

/** In prose one byte in six is a blank: that thirty-three looks miss them all happens in one stretch of five hundred. */
function isBase64Throughout(body: Uint8Array, start: number): boolean {
  for (let at = start; at < start + stretchBytes; at += stepBytes) {
    if (isBase64[body[at] ?? 0] !== 1) return false;
  }
  return true;
}
