/** The whole gateway on one machine: stand-ins where keys are missing, Tollgate, Envoy. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authorities } from "./authorities.ts";
import { type Child, epitaph } from "./child.ts";
import { findEnvoy } from "./envoy-binary.ts";
import { envoyConfig } from "./envoy-config.ts";
import { startEnvoyProcess } from "./envoy-process.ts";
import type { ClusterSetup } from "./envoy-setup.ts";
import { portFrom } from "./port.ts";
import { startSidecar } from "./sidecar.ts";
import { startStandIn } from "./standin/server.ts";
import {
  DEMO_PROVIDERS,
  type DemoProvider,
  realCluster,
  standInCluster,
  twoProviders,
} from "./two-providers.ts";

export interface StackSettings {
  readonly env: NodeJS.ProcessEnv;
  /** Envoy's port; the next free one above it when it is taken. */
  readonly port: number;
  /** Progress, warnings of the processes. */
  readonly say: (message: string) => void;
  /** A line of Envoy's access log: JSON. */
  readonly onAccess?: (line: string) => void;
  /** Tollgate's entry point, when not the built one of this package. */
  readonly main?: string;
}

/** A started stack. */
export interface Gateway {
  readonly url: string;
  /** By provider: the real one, or a stand-in. */
  readonly providers: ReadonlyArray<{ readonly provider: DemoProvider; readonly real: boolean }>;
  /** Tollgate's admin address. */
  readonly admin: string;
}

const HOST = "127.0.0.1";
const ADMIN_PORT = 9902;

export class Stack {
  readonly #settings: StackSettings;
  readonly #closers: Array<() => Promise<unknown>> = [];
  readonly #fallen: Promise<string>;
  #fall: (why: string) => void = () => {};
  #stopping = false;

  constructor(settings: StackSettings) {
    this.#settings = settings;
    this.#fallen = new Promise((resolve) => {
      this.#fall = resolve;
    });
  }

  /** Resolves with the reason when a process ends that nobody stopped. */
  get fallen(): Promise<string> {
    return this.#fallen;
  }

  /** Starts everything and waits until it serves. After a failure, call {@link stop} for what did start. */
  async start(): Promise<Gateway> {
    const { env, say } = this.#settings;
    const directory = await mkdtemp(join(tmpdir(), "tollgate-demo-"));
    await this.#keep(() => rm(directory, { recursive: true, force: true }));
    const binary = await findEnvoy({ env, say });
    const providers = DEMO_PROVIDERS.map((provider) => ({ provider, real: hasKey(env, provider) }));
    const clusters = await Promise.all(
      providers.map(({ provider, real }) =>
        real ? this.#real(provider, directory) : this.#standIn(provider),
      ),
    );
    const adminPort = await portFrom(ADMIN_PORT, HOST);
    const sidecar = await startSidecar({
      ...(this.#settings.main === undefined ? {} : { main: this.#settings.main }),
      env: {
        TOLLGATE_ADMIN: `${HOST}:${adminPort}`,
        TOLLGATE_LOG_LEVEL: env["TOLLGATE_LOG_LEVEL"] ?? "warn",
        // Credentials are Envoy's business alone.
        ...Object.fromEntries(DEMO_PROVIDERS.map(({ keyVariable }) => [keyVariable, undefined])),
      },
      onOutput: (line) => say(`tollgate: ${line}`),
      onError: (line) => say(`tollgate: ${line}`),
    });
    await this.#watch(sidecar.child);
    const port = await portFrom(this.#settings.port, HOST);
    const listener = { host: HOST, port };
    const envoy = await startEnvoyProcess({
      binary,
      env,
      config: envoyConfig(twoProviders({ listener, tollgate: [sidecar.listen], clusters })),
      concurrency: 2,
      logLevel: "error",
      ...(this.#settings.onAccess === undefined ? {} : { onOutput: this.#settings.onAccess }),
      onError: (line) => say(`envoy: ${line}`),
    });
    await this.#watch(envoy.child);
    return { url: `http://${HOST}:${envoy.port}`, providers, admin: sidecar.admin };
  }

  /** Envoy first, so that no call meets a gateway without Tollgate. Safe to call twice, or while starting. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) await close();
  }

  async #real(provider: DemoProvider, directory: string): Promise<ClusterSetup> {
    const caFile = await authorities(this.#settings.env, directory);
    // Envoy inherits our environment: the key is never written down.
    return realCluster(provider, { from: "environment", variable: provider.keyVariable }, caFile);
  }

  async #standIn(provider: DemoProvider): Promise<ClusterSetup> {
    const standIn = await startStandIn({ provider: provider.provider });
    await this.#keep(() => standIn.close());
    return standInCluster(provider, `${HOST}:${standIn.port}`);
  }

  async #watch(child: Child): Promise<void> {
    void child.exited.then((exit) => {
      if (!this.#stopping) this.#fall(epitaph(child, exit));
    });
    await this.#keep(() => child.stop());
  }

  async #keep(close: () => Promise<unknown>): Promise<void> {
    if (this.#stopping) {
      await close();
      throw new Error("stopped while starting");
    }
    this.#closers.push(close);
  }
}

function hasKey(env: NodeJS.ProcessEnv, provider: DemoProvider): boolean {
  return (env[provider.keyVariable] ?? "").trim() !== "";
}
