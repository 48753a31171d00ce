/** What a response is before it says anything: who answers, when, and what was asked. */
import type { JsonObject } from "../../json/types.ts";
import type { EncodeContext } from "../dialect.ts";
import { repeatRequest } from "./echo.ts";

/** @param id the provider's; one of another format is replaced, since applications look at how ids begin */
export function responseHead(id: string, created: number | undefined, context: EncodeContext): JsonObject {
  return {
    id: id.startsWith("resp_") ? id : `resp_${context.newId()}`,
    object: "response",
    created_at: created ?? context.now,
    status: "in_progress",
    error: null,
    incomplete_details: null,
    model: context.model,
    output: [],
    usage: null,
    ...repeatRequest(context.echo),
  };
}
