import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { PACKAGE_ROOT } from "../../../src/cli/demo/sidecar.ts";
import { STAND_INS } from "../../../src/cli/demo/standin/server.ts";
import { readSettings } from "../../../src/settings/settings.ts";

// There may be no container engine where tests run: this holds the files to each other and to the sources.

const read = (path: string) => readFileSync(join(PACKAGE_ROOT, path), "utf8");
const dockerfile = read("Dockerfile");
const services = parse(read("docker-compose.yml")).services;
const manifest = JSON.parse(read("package.json"));

const instructions = dockerfile
  .replaceAll(/\\\n/g, " ")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"))
  .map((line) => line.trim().split(/\s+/));
const stages = instructions.filter(([word]) => word === "FROM");
const final = instructions.slice(instructions.lastIndexOf(stages.at(-1) ?? []));
const of = (word: string, list = instructions) =>
  list.filter(([first]) => first === word).map((line) => line.slice(1));
const env = Object.fromEntries(
  of("ENV", final)
    .flat()
    .map((pair) => pair.split("=")),
);
/** The source of a file below dist/. */
const source = (built: string) => built.replace(/^dist\//, "src/").replace(/\.js$/, ".ts");

describe("Dockerfile", () => {
  test("copies what exists and what .dockerignore lets through", () => {
    const allowed = read(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"));
    const copied = of("COPY")
      .filter(([first]) => !first?.startsWith("--"))
      .flatMap((paths) => paths.slice(0, -1));
    expect(copied).toContain("src");
    for (const path of copied) {
      expect(existsSync(join(PACKAGE_ROOT, path)), path).toBe(true);
      expect(allowed).toContain(`!${path}`);
    }
    for (const path of copied.filter((path) => path.startsWith("tsconfig"))) {
      const base = /"extends": "\.\/([^"]+)"/.exec(read(path))?.[1];
      if (base !== undefined) expect(copied).toContain(base);
    }
  });

  test("runs, as nobody special, an entry point that is built, on the Node that the package asks for", () => {
    expect(of("USER", final)).toEqual([["node"]]);
    const command = of("CMD", final).flat().join(" ");
    expect(command).toContain('"dist/main.js"');
    expect(existsSync(join(PACKAGE_ROOT, source("dist/main.js")))).toBe(true);
    const [least] = /\d+/.exec(manifest.engines.node) ?? [];
    for (const [, image] of stages) {
      expect(Number(/^node:(\d+)-slim$/.exec(image ?? "")?.[1])).toBeGreaterThanOrEqual(Number(least));
    }
    expect(dockerfile).toContain("npm prune --omit=dev");
    expect(manifest.scripts.build).toBeDefined();
  });

  test("asks its health where admin listens, and exposes what it listens on", () => {
    const [, adminPort] = env["TOLLGATE_ADMIN"].split(":");
    const [, listenPort] = env["TOLLGATE_LISTEN"].split(":");
    expect(of("HEALTHCHECK", final).flat().join(" ")).toContain(`http://127.0.0.1:${adminPort}/healthz`);
    expect(of("EXPOSE", final)).toEqual([[listenPort, adminPort]]);
  });

  test("sets what Tollgate reads, and leaves time to drain", () => {
    const settings = readSettings(env);
    expect(settings.listen).toEqual({ kind: "tcp", host: "0.0.0.0", port: 50_051 });
    // A container's admin port is for the network beside it; compose publishes it to this machine only.
    expect(settings.warnings.filter((warning) => !warning.startsWith("TOLLGATE_ADMIN"))).toEqual([]);
    expect(Number.parseInt(services.tollgate.stop_grace_period, 10)).toBeGreaterThan(settings.drainSeconds);
    expect(readSettings(services.tollgate.environment).listen).toEqual(settings.listen);
  });

  test("keeps what outlives it in a directory of its user's, which compose has on a volume", () => {
    const { dataDir } = readSettings(env);
    expect(of("RUN", final).map((words) => words.join(" "))).toContainEqual(
      expect.stringMatching(new RegExp(`-o node .*-m 700 ${dataDir}$`)),
    );
    const [volume, place] = services.tollgate.volumes[0].split(":");
    expect(place).toBe(dataDir);
    expect(Object.keys(parse(read("docker-compose.yml")).volumes)).toContain(volume);
    expect(read(".gitignore")).toContain("data/");
  });
});

describe("docker-compose.yml", () => {
  test("mounts a configuration that exists, and publishes the port it listens on, to this machine only", () => {
    const [from, to] = services.envoy.volumes[0].split(":");
    expect(existsSync(join(PACKAGE_ROOT, from))).toBe(true);
    expect(services.envoy.command).toContain(to);
    const config = parse(read(from));
    const { port_value: port } = config.static_resources.listeners[0].address.socket_address;
    expect(services.envoy.ports).toEqual([`127.0.0.1:${port}:${port}`]);
    expect(services.envoy.image).toBe("envoyproxy/envoy:v1.40.0");
  });

  test("has each cluster's host as a service that listens on that port", () => {
    const config = parse(read("envoy/compose.yaml"));
    for (const cluster of config.static_resources.clusters) {
      const { address, port_value: port } =
        cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address;
      const service = services[address];
      expect(service, address).toBeDefined();
      const listens = service.environment?.TOLLGATE_LISTEN ?? service.command.at(-1);
      expect(listens).toBe(`0.0.0.0:${port}`);
      expect(Object.keys(services.envoy.depends_on)).toContain(address);
    }
  });

  test("starts stand-ins that there are, and Tollgate where its health check asks", () => {
    const standIns = Object.entries<{ command?: string[] }>(services).filter(([name]) =>
      name.endsWith("-stand-in"),
    );
    expect(standIns.map(([, { command }]) => command?.[2]).sort()).toEqual(Object.keys(STAND_INS).sort());
    for (const [, { command }] of standIns) {
      expect(existsSync(join(PACKAGE_ROOT, source(command?.[1] ?? "")))).toBe(true);
    }
    expect(services.tollgate.environment.TOLLGATE_ADMIN).toBe(env["TOLLGATE_ADMIN"]);
  });
});
