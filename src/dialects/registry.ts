/** Every dialect, and the paths by which clients speak it. A new dialect is a new row. */
import type { DialectName } from "../conversation/parts.ts";
import { anthropic } from "./anthropic/index.ts";
import { bedrockConverse } from "./bedrock-converse/index.ts";
import type { ClientDialect, TargetDialect } from "./dialect.ts";
import { openaiChat } from "./openai-chat/index.ts";

/** One way into the gateway: a POST to this path is a request in this dialect. */
export interface ClientEndpoint {
  readonly dialect: ClientDialect;
  /** Matched at the end of the path without its query, so that the gateway may be mounted under any prefix. */
  readonly path: RegExp;
}

const endpoints: readonly ClientEndpoint[] = [
  { dialect: openaiChat, path: /\/chat\/completions$/ },
  { dialect: anthropic, path: /\/v1\/messages$/ },
];

const clientDialects: ReadonlyMap<DialectName, ClientDialect> = new Map(
  endpoints.map(({ dialect }) => [dialect.name, dialect]),
);

const targetDialects: ReadonlyMap<DialectName, TargetDialect> = new Map(
  [openaiChat, anthropic, bedrockConverse].map((dialect) => [dialect.name, dialect]),
);

/** The dialect of a request, told by method and path; undefined: not one of ours, pass it through. */
export function clientDialect(method: string, path: string): ClientDialect | undefined {
  if (method !== "POST") return undefined;
  const bare = withoutQuery(path);
  return endpoints.find((endpoint) => endpoint.path.test(bare))?.dialect;
}

/** @throws Error when no application can speak it */
export function clientDialectNamed(name: DialectName): ClientDialect {
  const dialect = clientDialects.get(name);
  if (dialect === undefined) throw new Error(`no client dialect is named ${name}`);
  return dialect;
}

/** @throws Error when no provider is spoken to in it */
export function targetDialectNamed(name: DialectName): TargetDialect {
  const dialect = targetDialects.get(name);
  if (dialect === undefined) throw new Error(`no target dialect is named ${name}`);
  return dialect;
}

/**
 * The dialect in which to refuse or list when the path does not tell: Anthropic's SDK sends its version header
 * with every call; everybody else understands OpenAI's shapes.
 */
export function presumedDialect(header: (name: string) => string | undefined): ClientDialect {
  return header("anthropic-version") === undefined ? openaiChat : anthropic;
}

export function withoutQuery(path: string): string {
  const query = path.indexOf("?");
  return query < 0 ? path : path.slice(0, query);
}
