/**
 * Holds values to TypeScript types: each is written into a source file as `const … = {…} satisfies Type`, where members
 * that the type does not know are errors too, and the compiler is asked once for all of them.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { JsonValue } from "../../../src/json/types.ts";
import type { Published } from "./published.ts";

/** "This value is of this type." */
export interface Claim {
  /** Claims that are looked at together. */
  readonly group: string;
  /** Tells it from others of its group. */
  readonly label: string;
  readonly type: keyof Published;
  readonly value: JsonValue;
}

/** What of a value the type does not allow. */
export interface Violation {
  readonly label: string;
  /** JSON path in the value, empty for the whole of it. */
  readonly path: string;
  readonly why: string;
}

const types = fileURLToPath(new URL("published.ts", import.meta.url));
// Below `node_modules`, where the SDKs are found.
const cache = fileURLToPath(new URL("../../../node_modules/.cache/", import.meta.url));
const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");

const options = {
  ...{ target: "ES2022", lib: ["ES2023", "DOM"], module: "NodeNext", moduleResolution: "NodeNext" },
  ...{ types: ["node"], strict: true, skipLibCheck: true, noEmit: true, allowImportingTsExtensions: true },
};

/** @returns violations by group; groups without any are left out */
export async function violationsOf(claims: readonly Claim[]): Promise<Map<string, Violation[]>> {
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, "types-"));
  try {
    const sources = [...new Set(claims.map(({ group }) => group))].map((group, index) => {
      const source = new Source(`claims${index}.ts`, group);
      for (const claim of claims) if (claim.group === group) source.add(claim);
      writeFileSync(join(folder, source.name), source.text);
      return source;
    });
    const config = { compilerOptions: options, files: sources.map(({ name }) => name) };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
    return readDiagnostics(await compile(folder), new Map(sources.map((source) => [source.name, source])));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @returns what the compiler prints, its diagnostics */
function compile(folder: string): Promise<string> {
  const args = [compiler, "--project", folder, "--pretty", "false"];
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, { cwd: folder, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      // It ends with an error when it has found some, which is no failure here.
      if (error !== null && stdout === "") reject(new Error(`tsc: ${stderr}`, { cause: error }));
      else resolve(stdout);
    });
  });
}

function readDiagnostics(printed: string, sources: ReadonlyMap<string, Source>): Map<string, Violation[]> {
  const found = new Map<string, Violation[]>();
  // Explanations are indented below what they explain; the last is the reason.
  for (const diagnostic of printed.split(/\n(?! )/).filter((text) => text.trim() !== "")) {
    const [, file = "", line = "", first = ""] =
      /^(.+?)\((\d+),\d+\): error TS\d+: (.*)/.exec(diagnostic) ?? [];
    const source = sources.get(file);
    const place = source?.placeOf(Number(line));
    // Of no claim: the types themselves are wrong, or the compiler could not run.
    if (source === undefined || place === undefined) throw new Error(`tsc: ${diagnostic}`);
    const reason = diagnostic.trimEnd().split("\n").slice(1).at(-1)?.trim();
    const why = shortened(reason ?? first);
    found.set(source.group, [...(found.get(source.group) ?? []), { ...place, why }]);
  }
  return found;
}

/** Messages quote whole types. */
function shortened(message: string): string {
  return message.replace(/'([^']{160})[^']+'/g, "'$1…'");
}

/** JSON allows line separators in strings, and the compiler counts lines by them. */
function literal(value: string | number | boolean | null): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, "\\n");
}

type Place = Pick<Violation, "label" | "path">;

/** A source file with the claims of one group; knows what stands on each line. */
class Source {
  readonly name: string;
  readonly group: string;
  readonly #lines: string[] = [];
  readonly #places: Array<Place | undefined> = [];
  #claims = 0;

  constructor(name: string, group: string) {
    this.name = name;
    this.group = group;
    this.#line(`import type { Published } from ${JSON.stringify(types)};`, undefined);
  }

  get text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  add({ label, type, value }: Claim): void {
    this.#value(`export const claim${this.#claims++} = `, value, { label, path: "" });
    this.#append(` satisfies Published[${JSON.stringify(type)}];`);
  }

  placeOf(line: number): Place | undefined {
    return this.#places[line - 1];
  }

  /** A line for each member, so that a diagnostic's line tells its path. */
  #value(head: string, value: JsonValue, place: Place): void {
    if (typeof value !== "object" || value === null) {
      this.#line(head + literal(value), place);
      return;
    }
    const isList = Array.isArray(value);
    this.#line(head + (isList ? "[" : "{"), place);
    for (const [name, member] of Object.entries(value)) {
      const path = isList ? `${place.path}[${name}]` : `${place.path}${place.path === "" ? "" : "."}${name}`;
      this.#value(isList ? "" : `${JSON.stringify(name)}: `, member, { ...place, path });
      this.#append(",");
    }
    this.#line(isList ? "]" : "}", place);
  }

  #line(text: string, place: Place | undefined): void {
    this.#lines.push(text);
    this.#places.push(place);
  }

  #append(text: string): void {
    this.#lines.push(`${this.#lines.pop()}${text}`);
  }
}
