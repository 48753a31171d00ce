/** Ids for tool calls that came without one: from Gemini, some compatible vendors, OpenAI's legacy `function_call`. */

/**
 * A pure function, so that the same history always reads alike.
 * @param scope what makes it unique in the conversation: the answer's id, or the message's place
 */
export function inventedToolCallId(scope: string, position: number): string {
  return `call_${scope.replace(/[^a-zA-Z0-9]/g, "").slice(-24)}_${position}`;
}
