/**
 * What OpenAI's models accept. The format is one, but models that think refuse sampling parameters and stop
 * sequences, and models that do not think refuse an effort. A request that comes from another dialect, on
 * failover say, must fit the model it is sent to; requests of this dialect's own clients pass as they are.
 *
 * Sources: https://platform.openai.com/docs/guides/reasoning,
 * https://platform.openai.com/docs/guides/latest-model (parameter compatibility)
 */
import type { Losses } from "../../conversation/losses.ts";
import type { JsonObject } from "../../json/types.ts";
import { type FieldChanges, withChanges } from "./quirks.ts";

/** What a model's name tells of it. */
export interface ModelTraits {
  /** `unknown`: a vendor's own name; nothing is presumed. */
  readonly thinking: "yes" | "no" | "unknown";
  /** The hardest effort that it takes. */
  readonly hardest: "high" | "xhigh";
}

/** @param model as the target names it; a vendor's prefix (`openai/gpt-5`) is allowed */
export function modelTraits(model: string): ModelTraits {
  const name = model.slice(model.lastIndexOf("/") + 1).toLowerCase();
  if (/^(gpt-[34]|chatgpt-4)|^gpt-\d.*-chat/.test(name)) return { thinking: "no", hardest: "high" };
  const version = /^gpt-(\d+(?:\.\d+)?)/.exec(name)?.[1];
  if (version !== undefined) return { thinking: "yes", hardest: Number(version) < 5.2 ? "high" : "xhigh" };
  return { thinking: /^o\d/.test(name) ? "yes" : "unknown", hardest: "high" };
}

const samplingFields = [
  ...["temperature", "top_p", "frequency_penalty", "presence_penalty"],
  ...["logprobs", "top_logprobs"],
];
/** Values that say what the model does anyway. */
const plainValues: Readonly<Record<string, number | boolean>> = {
  temperature: 1,
  top_p: 1,
  frequency_penalty: 0,
  presence_penalty: 0,
  logprobs: false,
};

/** @param pathOf where the client's request has a field */
export function fitToModel(
  body: JsonObject,
  model: string,
  losses: Losses,
  pathOf: (name: string) => string | undefined,
): JsonObject {
  const traits = modelTraits(model);
  const changes: FieldChanges = {};
  const drop = (name: string, why: string): void => {
    if (body[name] === undefined) return;
    changes[name] = undefined;
    if (body[name] !== plainValues[name]) losses.dropped(pathOf(name) ?? name, why);
  };
  const effort = body["reasoning_effort"];
  if (traits.thinking === "no" && effort !== undefined) {
    changes["reasoning_effort"] = undefined;
    if (effort !== "none")
      losses.dropped(pathOf("reasoning_effort") ?? "reasoning_effort", "The model does not think.");
  }
  if (traits.thinking === "yes") {
    const isTooHard = effort === "max" || (effort === "xhigh" && traits.hardest === "high");
    if (isTooHard) {
      changes["reasoning_effort"] = traits.hardest;
      losses.approximated(
        pathOf("reasoning_effort") ?? "reasoning_effort",
        `The model thinks ${traits.hardest} at most.`,
      );
    }
    if (effort !== "none") for (const name of samplingFields) drop(name, "Models that think do not take it.");
    drop("stop", "Models that think take no stop sequences.");
  }
  return withChanges(body, changes);
}
