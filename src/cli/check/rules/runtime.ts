/** Runtime flags. */
import type { EnvoyConfig } from "../envoy-config.ts";
import type { CheckRule } from "../finding.ts";
import type { ConfigNode } from "../node.ts";

const gracefulClose = "envoy.reloadable_features.ext_proc_graceful_grpc_close";

export const runtimeRules: readonly CheckRule[] = [
  {
    id: "graceful-grpc-close",
    severity: "error",
    hint: `set ${gracefulClose}: true in a static_layer of layered_runtime`,
    *find(config) {
      if (!config.isBootstrap || !usesTollgate(config)) return;
      const layers = config.root.get("layered_runtime", "layers")?.items() ?? [];
      const flags = layers.flatMap((layer) => flagIn(layer.get("static_layer"), gracefulClose) ?? []);
      if (flags.at(-1)?.isTrue) return;
      // A layer that comes from elsewhere may set it.
      const mayComeLater = layers.some(
        (layer) => layer.get("static_layer") === undefined && layer.get("admin_layer") === undefined,
      );
      yield {
        at: flags.at(-1) ?? config.root.get("layered_runtime") ?? config.root,
        message:
          "Envoy resets each ext_proc stream at its end, and under load about one call in a hundred fails",
        severity: mayComeLater ? "warning" : "error",
      };
    },
  },
];

function usesTollgate({ gates }: EnvoyConfig): boolean {
  return gates.some(({ exchangeFilters }) => exchangeFilters.length > 0);
}

/** A flag is one key with dots, or nested mappings, or a mix of both. */
function flagIn(layer: ConfigNode | undefined, name: string): ConfigNode | undefined {
  const whole = layer?.get(name);
  if (whole !== undefined) return whole;
  for (const { key, value } of layer?.entries() ?? []) {
    if (!name.startsWith(`${key}.`)) continue;
    const found = flagIn(value, name.slice(key.length + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
