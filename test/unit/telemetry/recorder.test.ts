import { describe, expect, it } from "vitest";
import type { ExchangeRecord } from "../../../src/telemetry/record.ts";
import { fanOut } from "../../../src/telemetry/recorder.ts";
import { exchangeRecord } from "./records.ts";

describe("fanOut", () => {
  it("gives each recorder the record, whatever another one does", () => {
    const seen: ExchangeRecord[] = [];
    const failures: unknown[] = [];
    const keeper = { record: (exchange: ExchangeRecord) => void seen.push(exchange) };
    const broken = {
      record: () => {
        throw new Error("disk full");
      },
    };
    const exchange = exchangeRecord();
    fanOut([keeper, broken, keeper], (error) => failures.push(error)).record(exchange);
    expect(seen).toEqual([exchange, exchange]);
    expect(failures).toEqual([new Error("disk full")]);
  });
});
