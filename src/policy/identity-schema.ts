/** The schema of `identity`: who a caller is, by which proof, and what must be known of it. */
import { z } from "zod";
import { certificateParts } from "../identity/evidence.ts";
import { requirements } from "../identity/identity.ts";
import { tagAliases, tagName } from "../identity/tags.ts";
import { keyMembers } from "../identity/virtual-key.ts";
import { isCredentialHeader } from "../providers/credentials.ts";
import { shown, text } from "./scalars.ts";
import { mapping, word } from "./shapes.ts";

const mostSources = 8;

/** Ours come from Envoy alone; a credential would end up in the records. */
const headerName = text("the name of a header")
  .transform((name) => name.toLowerCase())
  .refine((name) => /^:?[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name), "expected the name of a header")
  .refine((name) => !name.startsWith("x-tollgate-"), "headers of ours do not say who calls")
  .refine((name) => !isCredentialHeader(name), "this header holds a credential: use key or jwt");

const sourceShape = mapping({
  value: text("a value").optional(),
  header: headerName.optional(),
  key: word("member of a key", keyMembers).optional(),
  jwt: text("the name of a claim").optional(),
  cert: word("part of a certificate", certificateParts).optional(),
});

const source = sourceShape.refine((given) => Object.keys(given).length === 1, {
  message: "expected one of value, header, key, jwt, cert",
});

const sources = z
  .array(source)
  .min(1, "needs at least one source")
  .max(mostSources, `has more than ${mostSources} sources`);

const requirement = word("requirement", requirements);
/** One word, or a list of them that must all be known. */
const required = z
  .preprocess((value) => (typeof value === "string" ? [value] : value), z.array(requirement).min(1))
  .refine((list) => new Set(list).size === list.length, "names one twice");

const tagHeader = text("the name of a header")
  .transform((name) => name.toLowerCase())
  .refine(
    (name) => /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/.test(name) && !isCredentialHeader(name),
    "expected the name of a header that holds no credential",
  );

const tags = mapping({
  header: tagHeader.optional(),
  aliases: z.array(word("gateway", tagAliases)).max(tagAliases.length).default([]),
  allow: z
    .array(
      text("the name of a tag").refine((name) => tagName.test(name), {
        error: ({ input }) =>
          `${shown(input)} is no name of a tag: letters, digits, "_", "." and "-", 64 at most`,
      }),
    )
    .max(100)
    .optional(),
});

export const identity = mapping({
  tenant: sources.optional(),
  app: sources.optional(),
  user: sources.optional(),
  department: sources.optional(),
  plan: sources.optional(),
  require: required.optional(),
  tags: tags.optional(),
});
