import { describe, expect, it } from "vitest";
import { expectSchema, migrate } from "../../../src/database/migrate.ts";
import { openDatabase } from "../../../src/database/open.ts";
import type { DatabaseTrouble } from "../../../src/database/trouble.ts";
import { entryOf } from "../../../src/ledger/entry.ts";
import { ledgerPart, ledgerSteps } from "../../../src/ledger/schema.ts";
import { ledgerStore } from "../../../src/ledger/store.ts";
import { exchangeRecord } from "../../unit/telemetry/records.ts";
import { databases } from "./databases.ts";
import { entry, tenth } from "./entries.ts";

const hour = 3_600_000;

describe.each(databases)("a ledger in $name", ({ name, present, location }) => {
  /** SQLite's connections would wait for each other on this one thread for ever. */
  async function sideBySide(works: ReadonlyArray<() => Promise<unknown>>): Promise<void> {
    if (name === "Postgres") await Promise.all(works.map((work) => work()));
    else for (const work of works) await work();
  }

  async function opened() {
    const where = await location();
    const database = await openDatabase(where);
    const store = ledgerStore(database);
    await store.migrate();
    return { where, database, store };
  }

  it.runIf(present)("keeps one row for an exchange and one for each attempt", async () => {
    const { database, store } = await opened();
    const { usage, chargedNanoUsd } = exchangeRecord();
    const attempt = { number: 1, cluster: "openai", provider: "openai", model: "gpt-4o", durationMs: 30.4 };
    const timedOut = {
      usage: { ...usage, input: 30, output: 4, estimated: true },
      costNanoUsd: 34,
      chargedNanoUsd: 37,
      costSource: "catalogue" as const,
    };
    const costNanoUsd = Number.MAX_SAFE_INTEGER - 34;
    const answered = { usage, costNanoUsd, chargedNanoUsd, costSource: "catalogue" as const };
    const one = entry({
      attempts: 2,
      attemptsTried: [
        { ...attempt, ...timedOut, result: "timeout" },
        { ...attempt, ...answered, number: 2, cluster: "claude", result: 200 },
      ],
      costNanoUsd: Number.MAX_SAFE_INTEGER,
      usage: { ...exchangeRecord().usage, imageOutput: 7, units: { images: 2 } },
      durationMs: 1_500.5,
    });
    expect(await store.append([one])).toEqual({ stored: 1, known: 0, late: [] });
    const [row] = await database.rows("SELECT * FROM ledger_exchanges");
    expect(row).toEqual({
      ...{ id: one.exchange.id, settled_at_ms: BigInt(tenth), route: "chat", outcome: "finished" },
      ...{ reason: "via_upstream", operation: "generate", status: 200n, stream: 1n, attempts: 2n },
      ...{ tenant: "acme", app: "helpdesk", user_id: "ada@acme.test", department: "support", plan: "free" },
      ...{ key_id: "key_0123456789abcdef", tags: expect.stringMatching(/^\{"team": ?"blue"\}$/) },
      ...{
        image_input_tokens: 0n,
        image_output_tokens: 7n,
        images: 2n,
        audio_ms: 0n,
        searches: 0n,
        unpriced: 0n,
      },
      ...{
        client_dialect: "openai-chat",
        target_dialect: "anthropic",
        provider: "anthropic",
        cluster: "claude",
      },
      ...{ model_asked: "gpt-4o", model_served: "claude-sonnet-4-5", input_tokens: 100n, output_tokens: 20n },
      ...{
        cache_read_tokens: 60n,
        cache_write_tokens: 0n,
        cache_write_hour_tokens: 0n,
        reasoning_tokens: 5n,
      },
      ...{ audio_input_tokens: 0n, audio_output_tokens: 0n, estimated: 0n, cost_source: "catalogue" },
      ...{ provider_cost_nano_usd: 2n ** 53n - 1n, charged_nano_usd: 660_000n, discount_ppm: 0n },
      ...{
        margin_ppm: 100_000n,
        reserved_nano_usd: null,
        cache: null,
        duration_ms: 1_501n,
        first_token_ms: 300n,
      },
    });
    const attempts = await database.rows("SELECT * FROM ledger_attempts ORDER BY number");
    const common = { exchange_id: one.exchange.id, settled_at_ms: BigInt(tenth), provider: "openai" };
    expect(attempts).toEqual([
      {
        ...{ ...common, number: 1n, cluster: "openai", model: "gpt-4o", result: "timeout", status: null },
        ...{ input_tokens: 30n, output_tokens: 4n, provider_cost_nano_usd: 34n, charged_nano_usd: 37n },
        duration_ms: 30n,
      },
      {
        ...{ ...common, number: 2n, cluster: "claude", model: "gpt-4o", result: "200", status: 200n },
        ...{ input_tokens: 100n, output_tokens: 20n, provider_cost_nano_usd: 2n ** 53n - 35n },
        ...{ charged_nano_usd: 660_000n, duration_ms: 30n },
      },
    ]);
    await store.close();
  });

  it.runIf(present)("takes an exchange once, however often and beside whatever it comes", async () => {
    const { database, store } = await opened();
    const [a, b, c] = [entry(), entry(), entry()];
    expect(await store.append([a, b])).toMatchObject({ stored: 2, known: 0 });
    expect(await store.append([a, b])).toMatchObject({ stored: 0, known: 2 });
    expect(await store.append([b, c, c, a])).toMatchObject({ stored: 1, known: 3 });
    const [counts] = await database.rows(
      "SELECT (SELECT COUNT(*) FROM ledger_exchanges) AS rows, (SELECT COUNT(*) FROM ledger_attempts) AS tries, (SELECT SUM(exchanges) FROM ledger_hourly) AS summed",
    );
    expect(counts).toEqual({ rows: 3n, tries: 3n, summed: 3n });
    await store.close();
  });

  it.runIf(present)("takes all of a batch or nothing of it", async () => {
    const { database, store } = await opened();
    const broken = entry({}, tenth, { outcome: null });
    await expect(store.append([entry(), broken, entry()])).rejects.toMatchObject({ kind: "data" });
    for (const table of ["ledger_exchanges", "ledger_attempts", "ledger_hourly"]) {
      expect(await database.rows(`SELECT * FROM ${table}`)).toEqual([]);
    }
    expect(await store.append([entry()])).toMatchObject({ stored: 1 });
    await store.close();
  });

  it.runIf(present)("takes every text that an exchange may have", async () => {
    const { database, store } = await opened();
    const texts = [
      "naïve 模型 🙂",
      "half \ud83d",
      "zero\0byte",
      `'; DROP TABLE ledger_hourly; --"\\`,
      "x".repeat(9_999),
    ];
    await store.append(texts.map((modelAsked) => entry({ modelAsked, route: modelAsked })));
    const kept = await database.rows("SELECT model_asked FROM ledger_exchanges");
    expect(kept.map(({ model_asked }) => model_asked)).toEqual(
      expect.arrayContaining([
        ...["naïve 模型 🙂", "half \ufffd", "zero\ufffdbyte", texts[3]],
        `${"x".repeat(256)}…`,
      ]),
    );
    await store.close();
  });

  it.runIf(present)("keeps who called, and tags as JSON", async () => {
    const { database, store } = await opened();
    const tags = { project: "búsqueda", key: "sk-1234567890abcdef" };
    const caller = {
      tenant: "acme",
      app: "crm",
      user: "ada",
      department: "sales",
      plan: "pro",
      keyId: "k1",
      tags,
      ip: "192.0.2.7",
      keyLimits: undefined,
    };
    await store.append([entryOf({ ...exchangeRecord(), caller }, tenth)]);
    const [row] = await database.rows(
      "SELECT tenant, app, user_id, department, plan, key_id, tags ->> 'project' AS project, tags ->> 'key' AS secret FROM ledger_exchanges",
    );
    const { keyId, user, tags: _, ip: __, keyLimits: ___, ...same } = caller;
    const secret = "[redacted]";
    expect(row).toEqual({ ...same, user_id: user, key_id: keyId, project: "búsqueda", secret });
    await store.close();
  });

  it.runIf(present)("is written by several at once, who lose nothing and count nothing twice", async () => {
    const { where, store } = await opened();
    const writers = await Promise.all(
      Array.from({ length: 4 }, async () => ledgerStore(await openDatabase(where))),
    );
    const shared = Array.from({ length: 40 }, (_, n) => entry({ costNanoUsd: n }));
    for (let batch = 0; batch < 5; batch++) {
      await sideBySide(
        writers.map((writer, n) => () => {
          const own = Array.from({ length: 20 }, () => entry({ costNanoUsd: 7 }));
          return writer.append(n % 2 === 0 ? [...shared, ...own] : [...own, ...shared].reverse());
        }),
      );
    }
    const [line] = await store.report({ fromMs: tenth, toMs: tenth + hour, by: [], where: [] });
    expect(line?.sums.exchanges).toBe(440n);
    expect(line?.sums.provider_cost_nano_usd).toBe(780n + 7n * 400n);
    await Promise.all([store, ...writers].map((open) => open.close()));
  });

  it.runIf(present)("gives up old rows, keeps their sums, and takes no late copy of them", async () => {
    const { database, store } = await opened();
    const old = Array.from({ length: 1_200 }, (_, n) => entry({ costNanoUsd: 1 }, tenth + n));
    const recent = entry({ costNanoUsd: 5 }, tenth + hour);
    await store.append([...old, recent]);
    // In the middle of the second hour: it stays whole.
    expect(await store.purge(tenth + hour + 1_800_000)).toBe(1_200);
    expect(await store.purge(tenth)).toBe(0);
    const left = await database.rows("SELECT exchange_id FROM ledger_attempts");
    expect(left).toEqual([{ exchange_id: recent.exchange.id }]);
    const sums = { fromMs: tenth, toMs: tenth + 2 * hour, by: [], where: [] };
    const cost = async () => (await store.report(sums))[0]?.sums.provider_cost_nano_usd;
    expect(await cost()).toBe(1_205n);
    const again = await store.append(old.slice(0, 2));
    expect(again).toEqual({ stored: 0, known: 0, late: old.slice(0, 2) });
    expect(await cost()).toBe(1_205n);
    await expect(store.report({ ...sums, fromMs: tenth + 1 })).rejects.toThrow("whole hours");
    await store.close();
  });

  it.runIf(present)("is migrated once, by whoever comes first, and not by an older Tollgate", async () => {
    const where = await location();
    const stores = await Promise.all([1, 2, 3].map(async () => ledgerStore(await openDatabase(where))));
    await sideBySide(stores.map((store) => () => store.migrate()));
    await Promise.all(stores.map((store) => store.close()));
    const database = await openDatabase(where);
    await expectSchema(database, ledgerPart, ledgerSteps);
    const later = [...ledgerSteps, "CREATE TABLE later (n {whole}) {strict}; CREATE INDEX x ON later (n);"];
    const trouble = (kind: DatabaseTrouble["kind"]) => expect.objectContaining({ kind });
    await expect(expectSchema(database, ledgerPart, later)).rejects.toEqual(trouble("absent"));
    await migrate(database, ledgerPart, later);
    await expect(ledgerStore(database).migrate()).rejects.toEqual(trouble("newer"));
    await expect(expectSchema(database, ledgerPart, ledgerSteps)).rejects.toEqual(trouble("newer"));
    await database.close();
  });
});
