/** What the watch over callers costs the event loop: `npx tsx bench/anomalies.ts`. */
import { Detector } from "../src/anomalies/detector.ts";
import { lineOf, subjectOf } from "../src/anomalies/kept-subject.ts";
import { ModelPrices } from "../src/anomalies/model-price.ts";
import { anomalySettingsOf, anomalies as schema } from "../src/policy/anomaly-schema.ts";
import { parsePolicy } from "../src/policy/parse.ts";
import type { ExchangeRecord } from "../src/telemetry/record.ts";
import { cataloguePricing } from "../src/tokens/catalogue.ts";
import { exchangeRecord } from "../test/unit/telemetry/records.ts";

const settings = anomalySettingsOf(schema.parse({}));
const count = 400_000;
const callers = 8_000;
const detector = new Detector({
  newId: () => "anomaly",
  tell: () => undefined,
  crowded: () => undefined,
});

function recordOf(n: number): ExchangeRecord {
  const known = {
    department: "sales",
    plan: undefined,
    ip: undefined,
    keyId: undefined,
    keyLimits: undefined,
  };
  const caller = { ...known, tenant: "acme", app: `app-${n % 500}`, user: `user-${n}@example.org`, tags: {} };
  return exchangeRecord({ caller });
}

const records = Array.from({ length: callers }, (_, n) => recordOf(n));

/** Microseconds for each exchange, an app and a user each. */
function observing(): number {
  // A thousand a second, so that intervals are learned from as well.
  let nowMs = Date.UTC(2026, 0, 5);
  const begun = performance.now();
  for (let n = 0; n < count; n++) {
    const exchange = records[(n * 7_919) % callers];
    if (exchange !== undefined) detector.observe(exchange, { settings, price: 300_000_000 }, nowMs);
    nowMs += 1;
  }
  return ((performance.now() - begun) * 1_000) / count;
}

/** The same for the price of its model. */
function pricing(): number {
  const prices = new ModelPrices(cataloguePricing());
  const policy = parsePolicy(JSON.stringify({ targets: { claude: { provider: "anthropic" } } }), undefined);
  const begun = performance.now();
  for (let n = 0; n < count; n++) {
    const exchange = records[n % callers];
    if (exchange !== undefined) prices.of(exchange, policy);
  }
  return ((performance.now() - begun) * 1_000) / count;
}

observing();
pricing();
process.stdout.write(`${pricing().toFixed(2)} µs to know the price of its model\n`);
process.stdout.write(`${observing().toFixed(2)} µs to observe an exchange of an app and a user\n`);

const subjects = detector.subjects();
let begun = performance.now();
const lines = subjects.map(lineOf);
const each = (ms: number) => `${((ms * 1_000) / subjects.length).toFixed(1)} µs`;
process.stdout.write(`${each(performance.now() - begun)} to write a caller's line, of ${lines.length}\n`);
begun = performance.now();
for (const line of lines) subjectOf(line);
process.stdout.write(`${each(performance.now() - begun)} to read it\n`);
const bytes = lines.reduce((sum, line) => sum + line.length, 0);
process.stdout.write(`${Math.round(bytes / lines.length)} bytes a caller\n`);
