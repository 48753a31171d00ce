/** Claude's models fall into two groups: 4.7 brought another encoding and sharper images. */

/** `claude-3-5-sonnet-20241022`, `claude-sonnet-4-20250514`, `claude-opus-4.8`, `claude-instant-1.2`, `claude-v2`. */
const version = /claude-(?:[a-z]+-)?v?(\d+)(?:[-.](\d{1,2})(?!\d))?/;

/** Before 4.7. Names without a number (`claude-mythos-preview`) are newer. @param name in lower case */
export function isEarlierClaude(name: string): boolean {
  const [, major, minor] = version.exec(name) ?? [];
  if (major === undefined) return false;
  return Number(major) + Number(minor ?? 0) / 100 < 4.07;
}
