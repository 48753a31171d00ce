/** Where a Redis is, as an operator writes it. */

export interface RedisAddress {
  readonly kind: "single" | "cluster" | "sentinel";
  /** Of the server, of some nodes of the cluster, or of the sentinels. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  /** Of the servers; sentinels are asked without. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
  /** What the sentinels call the primary. */
  readonly primary: string;
}

const forms = "redis://, rediss://, redis-cluster://, rediss-cluster:// or redis-sentinel://…/name";
const scheme = /^(redis|rediss)(?:-(cluster|sentinel))?:\/\/(.+)$/;
const ports = { single: 6379, cluster: 6379, sentinel: 26379 };

/**
 * Reads `redis://user:password@host:port/database`; for a cluster and for sentinels several `host:port`, separated by
 * commas.
 *
 * @returns the address, or a sentence that says what is wrong and quotes nothing: there may be a password in it
 */
export function parseRedisAddress(text: string): RedisAddress | string {
  const match = scheme.exec(text);
  if (match === null) return `must begin with ${forms}`;
  const kind = match[2] === "cluster" || match[2] === "sentinel" ? match[2] : "single";
  const [first = "", ...others] = hostsApart(match[3] ?? "");
  if (kind === "single" && others.length > 0)
    return "names several servers: use redis-cluster:// or redis-sentinel://";
  const urls = [first, ...others].map((host) => readUrl(`redis://${host}`));
  const head = urls[0];
  if (head === undefined || urls.some((url) => url === undefined || url.hostname === "")) {
    return "must name its servers as host:port; what is special in a password is written %40 for @ and the like";
  }
  // The path of several addresses comes after the last of them.
  const path = (urls.at(-1)?.pathname ?? "").replace(/^\//, "");
  if (kind === "sentinel" ? path === "" : !/^\d{0,4}$/.test(path)) {
    return kind === "sentinel" ? "must end with /name of the primary" : "must have a number as its database";
  }
  if (kind === "cluster" && Number(path) !== 0) return "must have no database: a cluster has one";
  return {
    kind,
    nodes: urls.map((url) => ({
      host: (url?.hostname ?? "").replace(/^\[|\]$/g, ""),
      port: Number(url?.port) || ports[kind],
    })),
    tls: match[1] === "rediss",
    username: head.username === "" ? undefined : decodeURIComponent(head.username),
    password: head.password === "" ? undefined : decodeURIComponent(head.password),
    database: kind === "single" ? Number(path) : 0,
    primary: kind === "sentinel" ? decodeURIComponent(path) : "",
  };
}

/** At the commas behind the credentials. */
function hostsApart(text: string): string[] {
  const at = text.lastIndexOf("@") + 1;
  const [first = "", ...others] = text.slice(at).split(",");
  return [text.slice(0, at) + first, ...others];
}

function readUrl(text: string): URL | undefined {
  try {
    const url = new URL(text);
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
    return url;
  } catch {
    return undefined;
  }
}
