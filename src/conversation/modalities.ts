/**
 * What a model takes at all. Dialects cannot know: whether a model sees images is not a matter of its wire format.
 * The policy says it (`accepts`), and a request is cut down to it before it is encoded.
 */
import { InvalidRequestError } from "./error.ts";
import type { Losses } from "./losses.ts";
import type { Part } from "./parts.ts";
import type { ConversationRequest, Turn } from "./request.ts";

export const modalities = ["text", "image", "document", "audio", "tools"] as const;

/** `tools` are functions, tools of the provider, calls and their results. */
export type Modality = (typeof modalities)[number];

/**
 * The request without what the model does not take; the very same object when it takes everything.
 *
 * @throws InvalidRequestError when nothing is left to answer
 */
export function acceptable(
  request: ConversationRequest,
  accepts: readonly Modality[],
  losses: Losses,
): ConversationRequest {
  const refused = new Set(modalities.filter((modality) => !accepts.includes(modality)));
  const turns = request.turns.flatMap((turn) => acceptedTurn(turn, refused, losses));
  const isCut = turns.some((turn, index) => turn !== request.turns[index]);
  const losesTools = refused.has("tools") && request.tools.length + request.foreignTools.length > 0;
  if (!isCut && turns.length === request.turns.length && !losesTools) return request;
  if (!turns.some((turn) => turn.role !== "system")) {
    const message = `the target's model takes no ${[...refused].join(", no ")}, and there is nothing else`;
    throw new InvalidRequestError(request.paths.turns ?? "messages", message, 422, "lossy_translation");
  }
  return losesTools ? withoutTools({ ...request, turns }, losses) : { ...request, turns };
}

function withoutTools(request: ConversationRequest, losses: Losses): ConversationRequest {
  for (const tool of [...request.tools, ...request.foreignTools])
    losses.droppedContent(tool.at, "the target's model takes no tools");
  const { toolChoice: _, parallelToolCalls: __, ...rest } = request;
  return { ...rest, tools: [], foreignTools: [] };
}

/** The turn itself when nothing is taken from it, none when nothing is left of it. */
function acceptedTurn(turn: Turn, refused: ReadonlySet<Modality>, losses: Losses): Turn[] {
  const parts = acceptedParts(turn.parts, turn.at, refused, losses);
  if (parts === turn.parts) return [turn];
  return parts.length === 0 ? [] : [{ ...turn, parts }];
}

function acceptedParts(
  parts: readonly Part[],
  at: string,
  refused: ReadonlySet<Modality>,
  losses: Losses,
): readonly Part[] {
  let isCut = false;
  const accepted = parts.flatMap((part): Part[] => {
    const path = part.at ?? at;
    if (refused.has(modalityOf(part))) {
      losses.droppedContent(path, `the target's model takes no ${modalityOf(part)}`);
      isCut = true;
      return [];
    }
    if (part.kind !== "tool-result") return [part];
    const content = acceptedParts(part.content, path, refused, losses);
    if (content === part.content) return [part];
    isCut = true;
    return [{ ...part, content }];
  });
  return isCut ? accepted : parts;
}

function modalityOf(part: Part): Modality {
  switch (part.kind) {
    case "image":
    case "document":
    case "audio":
      return part.kind;
    case "tool-call":
    case "tool-result":
      return "tools";
    case "text":
    case "refusal":
    case "reasoning":
    // What only its own dialect knows is its encoder's to judge.
    case "foreign":
      return "text";
    default: {
      const never: never = part;
      throw new TypeError(`unknown part: ${JSON.stringify(never)}`);
    }
  }
}
