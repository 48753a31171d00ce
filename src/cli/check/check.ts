/** Checks an Envoy file against what Tollgate needs. Pure: text in, findings out. */
import { LineCounter, parseDocument } from "yaml";
import type { Finding } from "./finding.ts";
import { ConfigNode, type Place } from "./node.ts";
import { rules } from "./rules.ts";
import { walk } from "./walk.ts";

/** Far above any real configuration. Characters. */
const longestText = 64 * 1024 * 1024;

/** One of these makes a file Envoy's. */
const envoyKeys = ["static_resources", "dynamic_resources", "resources"];

/**
 * @param text YAML or JSON: a bootstrap, or a file of xDS `resources`
 * @param file its name, for the findings
 * @returns findings in the order of their lines
 */
export function checkConfig(text: string, file: string): Finding[] {
  if (text.length > longestText) return [unreadable(file, `is longer than ${longestText} characters`)];
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    prettyErrors: false,
    // Every scalar stays text: `scalar.ts` reads them as Envoy does.
    schema: "failsafe",
  });
  if (document.errors.length > 0) {
    return document.errors.map(({ message, pos }) => {
      const { line, col } = lines.linePos(pos[0]);
      return unreadable(file, message, { line, column: col });
    });
  }
  const root = ConfigNode.of(document.contents, { document, lines });
  if (root === undefined || envoyKeys.every((key) => root.entry(key) === undefined)) {
    return [unreadable(file, `is no Envoy configuration: it has none of ${envoyKeys.join(", ")}`)];
  }
  return findings(root, file);
}

function unreadable(file: string, message: string, at: Place = { line: 1, column: 1 }): Finding {
  const hint = "give an Envoy bootstrap, or a file of xDS resources, in YAML or JSON";
  return { id: "unreadable", severity: "error", file, line: at.line, column: at.column, message, hint };
}

function findings(root: ConfigNode, file: string): Finding[] {
  const config = walk(root);
  // Aliases and shared virtual hosts lead to one mistake many times.
  const found = new Map<string, Finding>();
  for (const rule of rules) {
    for (const { at, message, severity = rule.severity, hint = rule.hint } of rule.find(config)) {
      const finding = { id: rule.id, severity, file, line: at.line, column: at.column, message, hint };
      found.set(`${rule.id} ${at.line}:${at.column} ${message}`, finding);
    }
  }
  return [...found.values()].sort(
    (a, b) => a.line - b.line || a.column - b.column || a.id.localeCompare(b.id),
  );
}
