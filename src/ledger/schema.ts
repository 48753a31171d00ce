/** The ledger's tables, step by step. What has been released never changes: a change is a step more. */
import type { Step } from "../database/migrate.ts";

/** The name under which `tollgate_schema` keeps the version. */
export const ledgerPart = "ledger";

const first: Step = `
CREATE TABLE ledger_exchanges (
  id TEXT PRIMARY KEY NOT NULL,
  settled_at_ms {whole} NOT NULL,
  route TEXT NOT NULL,
  outcome TEXT NOT NULL,
  reason TEXT NOT NULL,
  operation TEXT,
  status {whole} NOT NULL,
  tenant TEXT,
  app TEXT,
  user_id TEXT,
  department TEXT,
  plan TEXT,
  key_id TEXT,
  tags {json},
  client_dialect TEXT,
  target_dialect TEXT,
  provider TEXT,
  cluster TEXT,
  model_asked TEXT,
  model_served TEXT,
  stream {flag} NOT NULL,
  attempts {whole} NOT NULL,
  input_tokens {whole} NOT NULL,
  output_tokens {whole} NOT NULL,
  cache_read_tokens {whole} NOT NULL,
  cache_write_tokens {whole} NOT NULL,
  cache_write_hour_tokens {whole} NOT NULL,
  reasoning_tokens {whole} NOT NULL,
  audio_input_tokens {whole} NOT NULL,
  audio_output_tokens {whole} NOT NULL,
  image_input_tokens {whole} NOT NULL,
  image_output_tokens {whole} NOT NULL,
  images {whole} NOT NULL,
  audio_ms {whole} NOT NULL,
  searches {whole} NOT NULL,
  estimated {flag} NOT NULL,
  unpriced {flag} NOT NULL,
  provider_cost_nano_usd {whole} NOT NULL,
  charged_nano_usd {whole} NOT NULL,
  cost_source TEXT NOT NULL,
  discount_ppm {whole} NOT NULL,
  margin_ppm {whole} NOT NULL,
  reserved_nano_usd {whole},
  cache TEXT,
  duration_ms {whole} NOT NULL,
  first_token_ms {whole}
) {strict};
CREATE INDEX ledger_exchanges_by_time ON ledger_exchanges (settled_at_ms);

CREATE TABLE ledger_attempts (
  exchange_id TEXT NOT NULL,
  number {whole} NOT NULL,
  settled_at_ms {whole} NOT NULL,
  cluster TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  result TEXT NOT NULL,
  status {whole},
  input_tokens {whole} NOT NULL,
  output_tokens {whole} NOT NULL,
  provider_cost_nano_usd {whole} NOT NULL,
  charged_nano_usd {whole} NOT NULL,
  duration_ms {whole} NOT NULL,
  PRIMARY KEY (exchange_id, number)
) {strict};
CREATE INDEX ledger_attempts_by_time ON ledger_attempts (settled_at_ms);

CREATE TABLE ledger_hourly (
  hour {whole} NOT NULL,
  key TEXT NOT NULL,
  tenant TEXT NOT NULL,
  app TEXT NOT NULL,
  user_id TEXT NOT NULL,
  department TEXT NOT NULL,
  plan TEXT NOT NULL,
  key_id TEXT NOT NULL,
  route TEXT NOT NULL,
  operation TEXT NOT NULL,
  provider TEXT NOT NULL,
  cluster TEXT NOT NULL,
  model_asked TEXT NOT NULL,
  model TEXT NOT NULL,
  outcome TEXT NOT NULL,
  exchanges {whole} NOT NULL,
  attempts {whole} NOT NULL,
  estimated {whole} NOT NULL,
  unpriced {whole} NOT NULL,
  input_tokens {whole} NOT NULL,
  output_tokens {whole} NOT NULL,
  cache_read_tokens {whole} NOT NULL,
  cache_write_tokens {whole} NOT NULL,
  cache_write_hour_tokens {whole} NOT NULL,
  reasoning_tokens {whole} NOT NULL,
  audio_input_tokens {whole} NOT NULL,
  audio_output_tokens {whole} NOT NULL,
  image_input_tokens {whole} NOT NULL,
  image_output_tokens {whole} NOT NULL,
  images {whole} NOT NULL,
  audio_ms {whole} NOT NULL,
  searches {whole} NOT NULL,
  provider_cost_nano_usd {whole} NOT NULL,
  charged_nano_usd {whole} NOT NULL,
  PRIMARY KEY (hour, key)
) {strict};

CREATE TABLE ledger_state (
  name TEXT PRIMARY KEY NOT NULL,
  value {whole} NOT NULL
) {strict};
`;

export const ledgerSteps: readonly Step[] = [first];
