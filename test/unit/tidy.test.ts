/** Style as a test: a structure rule that is not run is a wish. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "../..");

/** Which folders of `src` a folder may import from, beside itself. Downwards only. */
const imports: Readonly<Record<string, readonly string[]>> = {
  json: ["conversation"],
  sse: ["json"],
  multipart: ["conversation", "json"],
  conversation: ["json"],
  embeddings: ["conversation", "json"],
  dialects: ["conversation", "embeddings", "json", "sse"],
  providers: ["conversation", "dialects"],
  identity: ["json"],
  keys: ["identity", "json"],
  policy: ["conversation", "identity", "json", "providers"],
  tokens: ["conversation", "dialects", "json", "policy", "threads"],
  telemetry: ["conversation", "identity", "tokens"],
  rules: [
    "conversation",
    "dialects",
    "identity",
    "json",
    "policy",
    "providers",
    "stores",
    "telemetry",
    "tokens",
  ],
  extproc: ["json"],
  threads: ["conversation"],
  translation: ["conversation", "dialects", "json", "threads", "tokens"],
  media: ["conversation"],
  exchange: [
    "conversation",
    "dialects",
    "extproc",
    "identity",
    "json",
    "media",
    "keys",
    "multipart",
    "policy",
    "providers",
    "rules",
    "telemetry",
    "tokens",
    "translation",
  ],
  settings: ["database", "policy", "stores", "telemetry"],
  anomalies: ["conversation", "identity", "policy", "providers", "rules", "telemetry", "tokens"],
  admin: ["extproc", "settings", "telemetry"],
  stores: [],
  workers: [],
  database: [],
  ledger: ["conversation", "database", "identity", "rules", "telemetry", "threads"],
  cli: ["conversation", "database", "identity", "json", "keys", "ledger", "policy", "providers", "settings"],
};

/** Tables of tests are longer than code should be. */
const maxLines = { source: 300, test: 600 };
const vagueNames = /(^|[/-])(utils?|helpers?|common|core|misc|shared)([./-]|$)/;

function files(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

const sources = files("src");
const everything = [...sources, ...files("test"), ...files("bench")];

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(/from "(\.[^"]+)"|import\("(\.[^"]+)"\)/g)].map(([, from, lazy]) =>
    relative(join(root, "src"), resolve(root, dirname(file), from ?? lazy ?? "")),
  );
}

const areaOf = (path: string): string => path.split("/")[0] ?? "";

describe("imports point downwards", () => {
  it.each(sources.filter((file) => file.split("/").length > 2))("%s", (file) => {
    const area = areaOf(relative("src", file));
    const allowed = imports[area];
    expect(allowed, `folder ${area} is not in the table`).toBeDefined();
    const wrong = importsOf(file).filter((path) => areaOf(path) !== area && !allowed?.includes(areaOf(path)));
    expect(wrong).toEqual([]);
  });
});

describe("files stay small and well named", () => {
  it.each(everything)("%s", (file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n").length;
    expect(lines).toBeLessThanOrEqual(file.startsWith("src") ? maxLines.source : maxLines.test);
    expect(file).not.toMatch(vagueNames);
  });
});

describe("what is exported from src says what it is for", () => {
  // The comment at the head of a file speaks for its one idea; without one, each declaration speaks for itself.
  const declaration = /^export (?:async )?(?:function|class|interface) (\w+)/;
  it.each(sources)("%s", (file) => {
    const lines = readFileSync(join(root, file), "utf8").split("\n");
    const opening = lines.find((line) => !line.startsWith("#!") && !line.startsWith("import ")) ?? "";
    if (lines[0]?.startsWith("/**") || lines[1]?.startsWith("/**") || opening.startsWith("/**")) return;
    const bare = lines.flatMap((line, index) => {
      const name = declaration.exec(line)?.[1];
      return name === undefined || /\*\/\s*$/.test(lines[index - 1] ?? "") ? [] : [name];
    });
    expect(bare).toEqual([]);
  });
});

describe("only the composition root reads the environment", () => {
  const allowed = /^src\/(main\.ts|cli\/)/;
  it.each(sources.filter((file) => !allowed.test(file)))("%s", (file) => {
    expect(readFileSync(join(root, file), "utf8")).not.toMatch(/process\.env/);
  });
});

describe("only the edge knows protobuf and gRPC", () => {
  it.each(sources.filter((file) => !file.startsWith("src/extproc/")))("%s", (file) => {
    expect(readFileSync(join(root, file), "utf8")).not.toMatch(/from "(@grpc|google-protobuf|protobufjs)/);
  });
});
