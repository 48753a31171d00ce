/** Every dialect, and the paths by which clients speak it. A new dialect is a new row. */
import type { DialectName } from "../conversation/parts.ts";
import { anthropic } from "./anthropic/index.ts";
import type { Dialect } from "./dialect.ts";
import { openaiChat } from "./openai-chat/index.ts";

/** One way into the gateway: a POST to this path is a request in this dialect. */
export interface ClientEndpoint {
  readonly dialect: Dialect;
  /** Matched at the end of the path, so that the gateway may be mounted under any prefix. */
  readonly pathSuffix: string;
}

const endpoints: readonly ClientEndpoint[] = [
  { dialect: openaiChat, pathSuffix: "/chat/completions" },
  { dialect: anthropic, pathSuffix: "/v1/messages" },
];

const dialects: ReadonlyMap<DialectName, Dialect> = new Map(
  endpoints.map((endpoint) => [endpoint.dialect.name, endpoint.dialect]),
);

/** The dialect of a request, told by method and path; undefined: not one of ours, pass it through. */
export function clientDialect(method: string, path: string): Dialect | undefined {
  if (method !== "POST") return undefined;
  const bare = withoutQuery(path);
  return endpoints.find((endpoint) => bare.endsWith(endpoint.pathSuffix))?.dialect;
}

export function dialectNamed(name: DialectName): Dialect {
  const dialect = dialects.get(name);
  if (dialect === undefined) throw new Error(`no dialect is named ${name}`);
  return dialect;
}

/**
 * The dialect in which to refuse or list when the path does not tell: Anthropic's SDK sends its version header
 * with every call; everybody else understands OpenAI's shapes.
 */
export function presumedDialect(header: (name: string) => string | undefined): Dialect {
  return header("anthropic-version") === undefined ? openaiChat : anthropic;
}

export function withoutQuery(path: string): string {
  const query = path.indexOf("?");
  return query < 0 ? path : path.slice(0, query);
}
