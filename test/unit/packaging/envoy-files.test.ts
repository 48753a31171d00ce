import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { envoyConfig, envoyYaml } from "../../../src/cli/demo/envoy-config.ts";
import { compose, production } from "../../../src/cli/demo/shipped.ts";
import { PACKAGE_ROOT } from "../../../src/cli/demo/sidecar.ts";

const read = (path: string) => readFileSync(join(PACKAGE_ROOT, path), "utf8");

test("envoy/envoy.yaml means what the generator makes", () => {
  expect(parse(read("envoy/envoy.yaml"))).toEqual(envoyConfig(production()));
});

// After a change of the generator: `npx vitest run --project unit test/unit/packaging -u`.
test("envoy/compose.yaml is what the generator makes", async () => {
  const header =
    "# Generated: see test/unit/packaging/envoy-files.test.ts. envoy.yaml beside it has the comments.\n";
  await expect(header + envoyYaml(envoyConfig(compose()))).toMatchFileSnapshot(
    join(PACKAGE_ROOT, "envoy", "compose.yaml"),
  );
});

test("each SDS file gives the secret that the configuration asks for", () => {
  const config = JSON.stringify(envoyConfig(production()));
  const asked = [
    ...config.matchAll(/"name":"([\w-]+)","sds_config":\{"path_config_source":\{"path":"([^"]+)"/g),
  ];
  expect(asked).toHaveLength(2);
  for (const [, name, path = ""] of asked) {
    const file = path.replace("/etc/envoy/", "envoy/");
    const secret = parse(read(file)).resources[0];
    expect(secret).toEqual({
      "@type": "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret",
      name,
      generic_secret: { secret: { filename: path.replace(/yaml$/, "key") } },
    });
  }
});

test("YAML is quoted for Envoy's reader, to which `no` is false and 1_0 is ten", () => {
  const tricky = { a: "no", b: "on", c: "0.25", d: "1_0", e: "1:20", f: "~", g: true, h: 7 };
  expect(parse(envoyYaml(tricky), { version: "1.1" })).toEqual(tricky);
});
