/**
 * What the patterns of `calls` may say. A call of the kind goes to its target unread, with the operator's key: a pattern
 * that let calls to models through as well would open a way past every rule and every account.
 */
import { providerNamed } from "../providers/registry.ts";
import type { LocatedIssue } from "./issues.ts";
import type { PathSegment } from "./paths.ts";
import type { PolicyDocument } from "./schema.ts";

type Calls = NonNullable<PolicyDocument["calls"]>;
type Targets = PolicyDocument["targets"];

/** What follows the version in paths whose calls name a model. */
const modelPlaces = [
  "/chat/completions",
  "/completions",
  "/responses",
  "/messages",
  "/embeddings",
  "/images/generations",
  "/images/edits",
  "/images/variations",
  "/audio/speech",
  "/audio/transcriptions",
  "/audio/translations",
  "/moderations",
  "/rerank",
  "/models/",
] as const;

/** @param calls whose clusters are all in targets, where they are known */
export function ofCalls(calls: Calls, targets: Targets): LocatedIssue[] {
  return Object.entries(calls).flatMap(([pattern, { cluster }]) => {
    const at: PathSegment[] = ["calls", pattern];
    const target = Object.hasOwn(targets, cluster) ? targets[cluster] : undefined;
    const issues = ofPath(at, pattern);
    if (target === undefined || providerNamed(target.provider).callsAt !== undefined) return issues;
    const message = `provider "${target.provider}" takes no calls that name no model`;
    return [...issues, { at: [...at, "cluster"], message }];
  });
}

function ofPath(at: PathSegment[], pattern: string): LocatedIssue[] {
  const place = /^\/(?:[^*]*?\/)?v\d+(?:alpha|beta)?\d*(\/[^*]*)\*?$/.exec(pattern)?.[1];
  if (place === undefined || place === "/") {
    return [{ at, message: "must be a path with a version that names what shall pass, e.g. /v1/files*" }];
  }
  const covered = modelPlaces.find((model) =>
    pattern.endsWith("*") ? model.startsWith(place) : model === place,
  );
  if (covered === undefined) return [];
  return [{ at, message: `would match ${covered} too, whose calls name a model` }];
}
