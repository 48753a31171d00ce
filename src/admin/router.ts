/** Which page answers a request. Pages plug in as rows; paths are exact. */
import type { IncomingMessage } from "node:http";
import { type AdminReply, json } from "./reply.ts";

export type AdminMethod = "GET" | "POST" | "PUT" | "DELETE";

export interface AdminPage {
  /** `GET` answers HEAD too. */
  readonly method: AdminMethod;
  /** Begins with `/`, without query. */
  readonly path: string;
  /** May throw: the server then answers 500 without details. */
  handle(request: IncomingMessage, query: URLSearchParams): AdminReply | Promise<AdminReply>;
}

export class AdminRouter {
  readonly #pages = new Map<string, Map<AdminMethod, AdminPage>>();

  /** @throws Error when two pages want the same method and path: a mistake in our code */
  constructor(pages: readonly AdminPage[]) {
    for (const page of pages) {
      const methods = this.#pages.get(page.path) ?? new Map<AdminMethod, AdminPage>();
      if (methods.has(page.method)) throw new Error(`two pages for ${page.method} ${page.path}`);
      this.#pages.set(page.path, methods.set(page.method, page));
    }
  }

  /** Answers 404 for paths and 405 for methods that no page has. */
  async reply(request: IncomingMessage): Promise<AdminReply> {
    const target = request.url ?? "/";
    const mark = target.indexOf("?");
    const methods = this.#pages.get(mark === -1 ? target : target.slice(0, mark));
    if (methods === undefined)
      return json(404, { error: "not found", paths: [...this.#pages.keys()].sort() });
    const method = request.method === "HEAD" ? "GET" : request.method;
    for (const page of methods.values()) {
      if (page.method === method)
        return page.handle(request, new URLSearchParams(mark === -1 ? "" : target.slice(mark)));
    }
    const allowed = [...methods.keys()].flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : [name]));
    return json(405, { error: "method not allowed", allowed }, { allow: allowed.join(", ") });
  }
}
