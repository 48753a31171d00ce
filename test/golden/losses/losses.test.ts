/**
 * What each pair of dialects loses, probed feature by feature and written down in `docs/losses.md`. The page is
 * compared with the code here, so it cannot go stale; to write it anew: `npx vitest run test/golden/losses -u`.
 */
import { describe, expect, it } from "vitest";
import type { ClientDialect, TargetDialect } from "../../../src/dialects/dialect.ts";
import { conversationClients, conversationTargets } from "../../../src/dialects/registry.ts";
import { answerCatalogues, models, requestCatalogues, titles } from "./catalogue.ts";
import { answerOutcome, type Outcome, requestOutcome } from "./outcome.ts";
import type { AnswerProbe, RequestCatalogue } from "./probe.ts";
import { table } from "./table.ts";

const targets = conversationTargets;
const clients = conversationClients;

function catalogueOf(client: ClientDialect): RequestCatalogue {
  const catalogue = requestCatalogues[client.name];
  if (catalogue === undefined) throw new Error(`no probes for clients of ${client.name}`);
  return catalogue;
}

function requests(client: ClientDialect): string {
  const { path, plain, probes } = catalogueOf(client);
  const rows = probes.map(({ feature, fields }) => ({
    feature,
    outcomes: targets.map((target) => requestOutcome(client, target, { ...plain, ...fields }, path)),
  }));
  return table(
    "request",
    targets.map(({ name }) => titles[name]),
    rows,
  );
}

/** The first of the catalogue is plain text: what is shown like it, is not shown. */
function shownAnswer(target: TargetDialect, client: ClientDialect, probe: AnswerProbe): Outcome {
  const [plain] = answerCatalogues[target.name];
  const shown = answerOutcome(target, client, probe.body);
  if (plain === undefined || probe === plain || client.name === target.name) return shown;
  const isPlain = JSON.stringify(shown) === JSON.stringify(answerOutcome(target, client, plain.body));
  return isPlain ? { kind: "untold" } : shown;
}

function answers(target: TargetDialect): string {
  const rows = answerCatalogues[target.name].map((probe) => ({
    feature: probe.feature,
    outcomes: clients.map((client) => shownAnswer(target, client, probe)),
  }));
  return table(
    "answer",
    clients.map(({ name }) => titles[name]),
    rows,
  );
}

const preamble = `# What is lost between dialects

Generated from the code by \`test/golden/losses\`; a test compares it with what the code does. Each row is the smallest
call or answer that has the feature, each column who gets it.

- **✓** carried over in full; between the same dialects the bytes pass as they are.
- *approximated*: the target gets the nearest thing it knows.
- *dropped*: the target never sees it. In **bold** it is something that the request is about, a part of a message or a
  tool: such a target is asked last (see [policy.md](policy.md)).
- **–**: not told, and not reported: it says how an answer came about, not what it is.
- *refused*: the target cannot take such a request at all. The next target is asked, or the client gets the error.

Files by URL are refused or dropped here where the target takes only their bytes. With \`media.fetch\` in the policy the
gateway fetches them.

At run time \`x-tollgate-lossy\` lists the paths of what was lost, \`tollgate_losses_total\` counts them, and \`strict\` in
the policy refuses instead of losing. What a format can say depends on the model. Asked for here:

${targets.map(({ name }) => `- ${titles[name]}: \`${models[name]}\``).join("\n")}
`;

it("docs/losses.md says what the code does", async () => {
  const sections = [
    preamble,
    ...clients.map((client) => `## Requests of ${titles[client.name]} clients\n\n${requests(client)}\n`),
    ...targets.map((target) => `## Answers of ${titles[target.name]}\n\n${answers(target)}\n`),
  ];
  await expect(sections.join("\n")).toMatchFileSnapshot("../../../docs/losses.md");
});

/** They say how an answer came about, not what it is. */
const untold = ["service tier", "stopped at a stop sequence"];

describe.each(targets)("nothing of the answers of $name is lost in silence", (target) => {
  it.each(clients)("for clients of $name", (client) => {
    const silent = answerCatalogues[target.name].filter(
      (probe) => shownAnswer(target, client, probe).kind === "untold",
    );
    expect(untold).toEqual(expect.arrayContaining(silent.map(({ feature }) => feature)));
  });
});

describe.each(clients)("nothing of $name is lost in silence", (client) => {
  const { path, plain, probes } = catalogueOf(client);
  it.each(targets)("at $name", (target) => {
    const outcome = (fields: object): Outcome =>
      requestOutcome(client, target, { ...plain, ...fields }, path);
    expect(outcome({}).kind).toBe("carried");
    const silent = probes
      .filter(({ fields, without = {}, isDefault }) => {
        if (isDefault === true || client.name === target.name) return false;
        const probed = outcome(fields);
        return probed.kind === "carried" && JSON.stringify(probed) === JSON.stringify(outcome(without));
      })
      .map(({ feature }) => feature);
    expect(silent).toEqual([]);
  });
});
