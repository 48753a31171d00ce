/**
 * What a model's name says of where it is asked for: official models and deployments by their paths, any other by its
 * version in the body.
 *
 * Source: https://replicate.com/docs/topics/predictions/create-a-prediction
 */

export type ModelName =
  /** `owner/name`: kept warm and priced by Replicate. */
  | { readonly kind: "official"; readonly owner: string; readonly name: string }
  /** `owner/name:version`, or the version alone. */
  | { readonly kind: "version"; readonly version: string }
  /** `deployments/owner/name`. */
  | { readonly kind: "deployment"; readonly owner: string; readonly name: string };

const word = "[A-Za-z0-9][\\w.-]*";
const deployment = new RegExp(`^deployments/(${word})/(${word})$`);
const official = new RegExp(`^(${word})/(${word})$`);
const version = new RegExp(`^(?:${word}/${word}:)?[0-9a-f]{64}$`);

/** Undefined when it is none of Replicate's. */
export function parseModelName(model: string): ModelName | undefined {
  const [, owner, name] = deployment.exec(model) ?? [];
  if (owner !== undefined && name !== undefined) return { kind: "deployment", owner, name };
  const [, publisher, title] = official.exec(model) ?? [];
  if (publisher !== undefined && title !== undefined)
    return { kind: "official", owner: publisher, name: title };
  return version.test(model) ? { kind: "version", version: model } : undefined;
}
