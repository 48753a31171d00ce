import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { run } from "../../../src/cli/report/run.ts";
import { openDatabase } from "../../../src/database/open.ts";
import { ledgerStore } from "../../../src/ledger/store.ts";
import { entry } from "../../contract/ledger/entries.ts";

const folder = mkdtempSync(join(tmpdir(), "tollgate-report-"));
const now = Date.UTC(2026, 10, 20, 9, 30);

async function report(args: string, env: NodeJS.ProcessEnv = { TOLLGATE_DATA_DIR: folder }) {
  const [out, err]: [string[], string[]] = [[], []];
  const output = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const code = await run(args === "" ? [] : args.split(" "), output, env, now);
  return { code, out: out.join(""), err: err.join("") };
}

const at = (day: number, hour = 12) => Date.UTC(2026, 10, day, hour, 15);

beforeAll(async () => {
  const store = ledgerStore(await openDatabase({ kind: "sqlite", file: join(folder, "ledger.sqlite") }));
  await store.migrate();
  const sales = { tenant: "acme", department: "sales", app: "crm", user_id: "=cmd()" };
  const lab = { tenant: "acme", department: "lab", app: 'note,"book"', user_id: "ada" };
  const money = (costNanoUsd: number, chargedNanoUsd: number) => ({ costNanoUsd, chargedNanoUsd });
  await store.append([
    entry(money(1_234_567_890_123, 1_358_024_679_135), at(2), sales),
    entry(money(1, 2), at(3), sales),
    entry({ ...money(600_000, 600_000), modelServed: "gpt-4o" }, at(3, 23), lab),
    entry({ ...money(0, 0), costSource: "unknown", modelServed: "own\u001b[31m" }, at(10), {
      ...lab,
      estimated: 1,
    }),
    // Not of November in UTC, but in Berlin.
    entry(money(5, 5), Date.UTC(2026, 9, 31, 23, 30), { tenant: "globex", department: null, app: null }),
  ]);
  await store.close();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("tollgate report", () => {
  it("is a table with a line of totals", async () => {
    const { code, out, err } = await report("");
    expect(out).toBe(
      [
        `department  app          model              exchanges  input tokens  output tokens        cost USD     charged USD`,
        `----------  -----------  -----------------  ---------  ------------  -------------  --------------  --------------`,
        `lab         note,"book"  gpt-4o                     1           100             20     0.000600000     0.000600000`,
        `lab         note,"book"  own\ufffd[31m                   1           100             20     0.000000000     0.000000000`,
        `sales       crm          claude-sonnet-4-5          2           200             40  1234.567890124  1358.024679137`,
        `----------  -----------  -----------------  ---------  ------------  -------------  --------------  --------------`,
        `total                                               4           400             80  1234.568490124  1358.025279137`,
        ``,
        `1 with tokens that no provider counted: they are estimated.`,
        `1 without a known price: they add nothing to the sums.`,
        ``,
      ].join("\n"),
    );
    expect([code, err]).toEqual([0, ""]);
  });

  it("is CSV that adds up, and that no spreadsheet runs", async () => {
    const { out } = await report("--by user,app --month 2026-11 --format csv");
    const lines = out.split("\r\n");
    const tokens =
      "cache_read_tokens,cache_write_tokens,cache_write_hour_tokens,reasoning_tokens,audio_input_tokens,audio_output_tokens,image_input_tokens,image_output_tokens,images,audio_ms,searches";
    expect(lines).toEqual([
      `user,app,exchanges,attempts,estimated,unpriced,input_tokens,output_tokens,${tokens},provider_cost_usd,charged_usd`,
      `"'=cmd()",crm,2,2,0,0,200,40,120,0,0,10,0,0,0,0,0,0,0,1234.567890124,1358.024679137`,
      `ada,"note,""book""",2,2,1,1,200,40,120,0,0,10,0,0,0,0,0,0,0,0.000600000,0.000600000`,
      ``,
    ]);
  });

  it("is JSON with money as text", async () => {
    const { out } = await report("--by day --from 2026-11-02 --to 2026-11-04 --format json");
    expect(JSON.parse(out)).toMatchObject({
      from: "2026-11-02T00:00:00.000Z",
      to: "2026-11-04T00:00:00.000Z",
      by: ["day"],
      lines: [
        { day: "2026-11-02", exchanges: 1, provider_cost_usd: "1234.567890123" },
        { day: "2026-11-03", exchanges: 2, provider_cost_usd: "0.000600001", charged_usd: "0.000600002" },
      ],
      total: { exchanges: 3, provider_cost_usd: "1234.568490124" },
    });
  });

  it.each([
    ["--by tenant --format csv --month 2026-10", ["globex,1"]],
    ["--by tenant --format csv --from 2026-11-01T00:00+01:00", ["acme,4", "globex,1"]],
    ["--by tenant --format csv --from 2026-10-01 --tenant globex", ["globex,1"]],
    ["--by model --format csv --where department=lab --where user=ada", ["gpt-4o,1", "own\u001b[31m,1"]],
    ["--by tenant --format csv --month 2026-12", []],
    // From the exchanges themselves: a quarter of an hour is no whole hour.
    ["--by tenant --format csv --from 2026-11-03T12:15:00Z --to 2026-11-03T23:15:00Z", ["acme,1"]],
    ["--by tenant --format csv --from 2026-11-03T12:15:00Z --to 2026-11-03T23:15:01Z", ["acme,2"]],
  ])("%s", async (args, expected) => {
    const { code, out } = await report(args);
    const firstTwo = out
      .split("\r\n")
      .slice(1, -1)
      .map((line) => line.split(",").slice(0, 2).join());
    expect([code, firstTwo]).toEqual([0, expected]);
  });

  it.each([
    ["--by modle", '--by: there is no column modle (did you mean "model"?)'],
    ["--by model,model", "--by names a column twice"],
    ["--where tenant", "--where tenant: must be COLUMN=VALUE"],
    ["--where day=1", "--where: there is no column day"],
    ["--month 2026-13", "--month 2026-13: must be like 2026-11"],
    ["--month 2026-11 --from 2026-11-01", "--month goes without --from and --to"],
    ["--to 2026-11-01", "--to needs --from"],
    ["--from 2026-11-31", "--from 2026-11-31: must be like"],
    ["--from 2026-11-01T10:00", "--from 2026-11-01T10:00: must be like"],
    ["--from 2026-11-02 --to 2026-11-02", "--from must be before --to"],
    ["--format xml", "--format xml: must be one of table, csv, json"],
    ["--colour", "Unknown option '--colour'"],
  ])("%s is wrong usage", async (args, message) => {
    const { code, err, out } = await report(args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(message);
    expect(err).toContain("Usage: tollgate report");
  });

  it("says what it cannot read, without a password", async () => {
    const elsewhere = join(folder, "nowhere");
    const absent = await report("", { TOLLGATE_DATA_DIR: elsewhere });
    expect(absent).toMatchObject({
      code: 1,
      err: `the ledger cannot be read: there is no ${elsewhere}/ledger.sqlite\n`,
    });
    const unreachable = await report("", { DATABASE_URL: "postgres://user:secret@127.0.0.1:1/llm" });
    expect(unreachable).toMatchObject({ code: 1, out: "" });
    expect(unreachable.err).toContain("ECONNREFUSED");
    expect(unreachable.err).not.toContain("secret");
    expect(await report("", { DATABASE_URL: "mysql://u:secret@db/llm" })).toMatchObject({
      code: 2,
      err: "DATABASE_URL: must be a URL that begins with postgres://\n",
    });
  });

  it("tells of exchanges that are known of and not in the sums", async () => {
    mkdirSync(join(folder, "spool", "1"), { recursive: true });
    writeFileSync(join(folder, "spool", "1", "000000001.rows"), "12345\n");
    writeFileSync(join(folder, "ledger-rejected.jsonl"), "{}\n");
    const { code, err } = await report("");
    expect(code).toBe(0);
    expect(err).toMatch(
      /^note: 6 bytes of exchanges in .*spool are not .*\nnote: exchanges .*ledger-rejected.jsonl\n$/,
    );
    rmSync(join(folder, "spool"), { recursive: true });
    rmSync(join(folder, "ledger-rejected.jsonl"));
  });
});
