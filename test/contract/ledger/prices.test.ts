import { describe, expect, it } from "vitest";
import { openDatabase } from "../../../src/database/open.ts";
import type { JsonObject } from "../../../src/json/types.ts";
import { entryOf } from "../../../src/ledger/entry.ts";
import { hourMs } from "../../../src/ledger/roll-up.ts";
import { ledgerStore } from "../../../src/ledger/store.ts";
import type { ExchangeRecord } from "../../../src/telemetry/record.ts";
import { cataloguePricing } from "../../../src/tokens/catalogue.ts";
import { bytes, exchangeMetadata, headers, Stream, workplace } from "../../unit/exchange/script.ts";
import { databases } from "./databases.ts";
import { tenth } from "./entries.ts";

/** One call under a policy: a thousand tokens in, a hundred out. */
async function recorded(prices: JsonObject): Promise<ExchangeRecord> {
  const place = workplace({ pricing: cataloguePricing() });
  const policy = { targets: { openai: { provider: "openai" } }, prices };
  const stream = new Stream(place.services, exchangeMetadata(policy));
  await stream.say("request_headers", {
    headers: headers({ ":method": "POST", ":path": "/v1/chat/completions" }),
  });
  const body = bytes({ model: "own-model", messages: [{ role: "user", content: "hi" }] });
  await stream.say("request_body", { body, endOfStream: true });
  await stream.say("response_headers", {
    headers: headers({ ":status": "200", "content-type": "application/json" }),
    attributes: { "response.code_details": "via_upstream" },
  });
  const answer = {
    choices: [{ index: 0, message: { role: "assistant", content: "hello" }, finish_reason: "stop" }],
    usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100 },
  };
  const message = { id: "chatcmpl-1", object: "chat.completion", created: 1, model: "own-model", ...answer };
  await stream.say("response_body", { body: bytes(message), endOfStream: true });
  const [record] = place.records;
  if (record === undefined) throw new Error("nothing was recorded");
  return record;
}

describe.each(databases)("prices that change, in $name", ({ present, location }) => {
  it.runIf(present)("hold for what is written after them, and for nothing before", async () => {
    const store = ledgerStore(await openDatabase(await location()));
    await store.migrate();
    const policies: JsonObject[] = [
      { "own-*": { input: 1, output: 2 } }, // 1,200,000 both
      { "own-*": { input: 1, output: 2, discount: 0.25, margin: 0.1 } }, // 900,000 and 990,000
      { "own-*": { input: 10, output: 20 } }, // 12,000,000 both
      {}, // not known
    ];
    for (const [index, prices] of policies.entries()) {
      const record = { ...(await recorded(prices)), id: `priced-${index}` };
      await store.append([entryOf(record, tenth + index * hourMs)]);
    }
    const lines = await store.report({ fromMs: tenth, toMs: tenth + 4 * hourMs, by: ["hour"], where: [] });
    expect(
      lines.map(({ sums }) => [sums.provider_cost_nano_usd, sums.charged_nano_usd, sums.unpriced]),
    ).toEqual([
      [1_200_000n, 1_200_000n, 0n],
      [900_000n, 990_000n, 0n],
      [12_000_000n, 12_000_000n, 0n],
      [0n, 0n, 1n],
    ]);
    await store.close();
  });
});
