/**
 * Amazon Bedrock's Converse, for the models of all vendors there, and InvokeModel for their embeddings. Envoy signs the
 * request, the path included.
 *
 * Sources: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html,
 * https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_InvokeModel.html
 */
import { noQuirks } from "../dialects/dialect.ts";
import { finishesAll } from "./abandonment.ts";
import { headersForeignTo } from "./foreign.ts";
import type { Provider } from "./provider.ts";

/** The beginning of a model's id, or of its profile across regions (`us.`, `global.`, …). */
const claude = /^([a-z-]+\.)?anthropic\./;

export const bedrock: Provider = {
  name: "bedrock",
  dialect: "bedrock-converse",
  priceId: "aws",
  abandoned: finishesAll,
  quirks: noQuirks,
  // Ids of models hold colons, those of inference profiles may be ARNs with slashes.
  path: ({ settings, model, stream }) =>
    `${settings.basePath ?? ""}/model/${encodeURIComponent(model)}/converse${stream ? "-stream" : ""}`,
  headers: () => [],
  also: [
    {
      // Claude alone, and by the model's own id: profiles across regions are refused.
      // Source: https://docs.aws.amazon.com/bedrock/latest/userguide/count-tokens.html
      dialect: "bedrock-count-tokens",
      serves: (model) => claude.test(model),
      quirks: noQuirks,
      path: ({ settings, model }) =>
        `${settings.basePath ?? ""}/model/${encodeURIComponent(model.replace(claude, "anthropic."))}/count-tokens`,
      headers: () => [],
    },
    {
      dialect: "bedrock-embeddings",
      quirks: noQuirks,
      path: ({ settings, model }) => `${settings.basePath ?? ""}/model/${encodeURIComponent(model)}/invoke`,
      headers: () => [],
    },
  ],
  foreignHeaders: headersForeignTo("bedrock-converse"),
};
