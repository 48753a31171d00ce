import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkConfig } from "../../../src/cli/check/check.ts";
import { envoyConfig, envoyYaml } from "../../../src/cli/demo/envoy-config.ts";
import {
  DEMO_PROVIDERS,
  realCluster,
  standInCluster,
  twoProviders,
} from "../../../src/cli/demo/two-providers.ts";

const kinds = {
  "stand-ins": DEMO_PROVIDERS.map((provider) => standInCluster(provider, "127.0.0.1:9101")),
  "the providers themselves": DEMO_PROVIDERS.map((provider) =>
    realCluster(provider, { from: "environment", variable: provider.keyVariable }, "/etc/ssl/ca.pem"),
  ),
};

describe("the check finds nothing in what we ship", () => {
  it("envoy/envoy.yaml", () => {
    const text = readFileSync(new URL("../../../envoy/envoy.yaml", import.meta.url), "utf8");
    expect(checkConfig(text, "envoy.yaml")).toEqual([]);
  });

  it.each(Object.entries(kinds))("the demo with %s", (_, clusters) => {
    const setup = twoProviders({
      listener: { host: "127.0.0.1", port: 10000 },
      tollgate: ["127.0.0.1:50051"],
      clusters,
    });
    expect(checkConfig(envoyYaml(envoyConfig(setup)), "demo.yaml")).toEqual([]);
  });
});
