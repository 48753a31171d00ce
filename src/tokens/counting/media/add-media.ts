/** Images, documents and sound: counted by their size, since they are not decoded. Only some images are exact. */
import type { AudioPart, DocumentPart, ImagePart } from "../../../conversation/parts.ts";
import type { Tally } from "../tally.ts";
import { imageSize } from "./image-size.ts";
import { imageTokens } from "./image-tokens.ts";
import type { MediaRates } from "./media-rates.ts";

/** The most base64 of a document that is looked at; what is beyond is taken to be like it. */
const mostRead = 4 * 1024 * 1024;
/** A page whose own size cannot be seen, in a compressed file. */
const bytesOfPage = 50_000;
/** 128 kbit/s, as most files that people record. */
const bytesOfSecond = 16_000;

export function addImage(part: ImagePart, rates: MediaRates, tally: Tally): void {
  const { source, detail } = part;
  const size = source.kind === "base64" ? imageSize(source.data) : undefined;
  tally.add(imageTokens(rates.image, size, detail));
  // OpenAI: patches may be billed with one token more or less for the rounding.
  const isKnown = rates.image.kind === "tiles" && (size !== undefined || detail === "low");
  if (!isKnown) tally.addsEstimate();
}

export function addDocument({ source }: DocumentPart, rates: MediaRates, tally: Tally): void {
  tally.addsEstimate();
  if (source.kind === "text") {
    tally.addText(source.text);
  } else if (source.kind !== "base64") {
    // Nothing is known of it but that it has a page.
    tally.add(rates.page);
  } else if (source.mediaType.startsWith("text/")) {
    const text = Buffer.from(source.data.slice(0, mostRead), "base64").toString("utf8");
    tally.addText(text, Math.round(text.length * beyondRead(source.data)));
  } else {
    tally.add(rates.page * pagesOf(source.data));
  }
}

export function addAudio({ source }: AudioPart, rates: MediaRates, tally: Tally): void {
  tally.addsEstimate();
  // Of sound at a URL nothing is known, not even that it is long.
  if (source.kind === "base64") tally.add(Math.ceil(secondsOf(source.data, source.format) * rates.second));
}

/** The whole for each of what is read. */
const beyondRead = (base64: string): number => Math.max(1, base64.length / mostRead);

function bytesOf(base64: string): number {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return Math.floor((base64.length * 3) / 4) - padding;
}

/** A PDF names each of its pages, unless it is compressed as a whole. */
function pagesOf(base64: string): number {
  const text = Buffer.from(base64.slice(0, mostRead), "base64").toString("latin1");
  let pages = 0;
  for (const _ of text.matchAll(/\/Type\s{0,8}\/Page(?![a-zA-Z])/g)) pages++;
  if (pages > 0) return Math.ceil(pages * beyondRead(base64));
  return Math.max(1, Math.ceil(bytesOf(base64) / bytesOfPage));
}

function secondsOf(base64: string, format: string): number {
  const bytes = bytesOf(base64);
  const head = Buffer.from(base64.slice(0, 64), "base64");
  const isWave = format === "wav" && head.length >= 44 && head.toString("latin1", 8, 12) === "WAVE";
  // The rate that a WAVE file's own head says, in bytes a second.
  const rate = isWave ? head.readUInt32LE(28) : 0;
  return bytes / (rate > 0 ? rate : bytesOfSecond);
}
