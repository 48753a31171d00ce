/** Audio has a format in some dialects, a MIME type in others. */

const types: Readonly<Record<string, string>> = { mp3: "audio/mp3", wav: "audio/wav" };
const formats: Readonly<Record<string, string>> = { mpeg: "mp3", "x-wav": "wav", wave: "wav" };

/** @param format `wav`, `mp3`, … */
export function audioType(format: string): string {
  return types[format] ?? `audio/${format}`;
}

/** @param mediaType `audio/…` */
export function audioFormat(mediaType: string): string {
  const subtype = mediaType.slice(mediaType.indexOf("/") + 1).replace(/;.*$/, "");
  return formats[subtype] ?? subtype;
}
