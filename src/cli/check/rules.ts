/** Every kind of mistake that is looked for. A new one is an entry in the list of its theme. */
import type { CheckRule } from "./finding.ts";
import { attemptRules } from "./rules/attempts.ts";
import { bufferRules } from "./rules/buffers.ts";
import { clusterRules } from "./rules/clusters.ts";
import { credentialRules } from "./rules/credentials.ts";
import { exchangeFilterRules } from "./rules/exchange-filter.ts";
import { failOpenRules } from "./rules/fail-open.ts";
import { failureRules } from "./rules/failures.ts";
import { identityRules } from "./rules/identity.ts";
import { openingRules } from "./rules/opening.ts";
import { patienceRules } from "./rules/patience.ts";
import { policyRules } from "./rules/policy.ts";
import { processingRules } from "./rules/processing.ts";
import { retryRules } from "./rules/retries.ts";
import { routeRules } from "./rules/routes.ts";
import { runtimeRules } from "./rules/runtime.ts";
import { spellingRules } from "./rules/spelling.ts";

export const rules: readonly CheckRule[] = [
  ...spellingRules,
  ...policyRules,
  ...clusterRules,
  ...exchangeFilterRules,
  ...openingRules,
  ...identityRules,
  ...processingRules,
  ...patienceRules,
  ...retryRules,
  ...routeRules,
  ...failOpenRules,
  ...bufferRules,
  ...attemptRules,
  ...failureRules,
  ...credentialRules,
  ...runtimeRules,
];
