/** The clusters of {@link ./provider-clusters.ts} for vendors that want nothing but a key. */
import type { HeaderCredential } from "./envoy-setup.ts";
import type { ShippedCluster } from "./provider-clusters.ts";
import { SYSTEM_AUTHORITIES } from "./shipped.ts";

interface Vendor {
  /** Of the provider, the cluster and the files. */
  readonly name: string;
  readonly title: string;
  readonly host: string;
  /** Beside the provider's name in the policy. */
  readonly settings?: string;
}

const vendors: readonly Vendor[] = [
  { name: "mistral", title: "Mistral", host: "api.mistral.ai" },
  { name: "groq", title: "Groq", host: "api.groq.com" },
  { name: "together", title: "Together AI", host: "api.together.xyz" },
  { name: "deepseek", title: "DeepSeek", host: "api.deepseek.com" },
  { name: "xai", title: "xAI", host: "api.x.ai" },
  { name: "openrouter", title: "OpenRouter", host: "openrouter.ai" },
  { name: "cohere", title: "Cohere", host: "api.cohere.ai" },
  { name: "huggingface", title: "Hugging Face's Inference Providers", host: "router.huggingface.co" },
  { name: "fireworks", title: "Fireworks AI", host: "api.fireworks.ai" },
  { name: "perplexity", title: "Perplexity", host: "api.perplexity.ai" },
  { name: "replicate", title: "Replicate", host: "api.replicate.com" },
  {
    name: "cloudflare-workers-ai",
    title: "Cloudflare Workers AI",
    host: "api.cloudflare.com",
    settings: "account: the id of your account",
  },
];

/** A key by SDS in `authorization`, unless said otherwise. */
export function bearer(name: string): HeaderCredential {
  const secret = { from: "sds", path: `/etc/envoy/secrets/${name}.yaml` } as const;
  return { header: "authorization", prefix: "Bearer ", secret };
}

const hosted = vendors.map(({ name, title, host, settings }): ShippedCluster => {
  const more = settings === undefined ? "" : `, ${settings}`;
  return {
    name,
    comment: `${title}. In the policy: {provider: ${name}${more}}.
The key is in the file that secrets/${name}.yaml names.`,
    cluster: {
      name,
      address: `${host}:443`,
      hostname: host,
      tls: { serverName: host, caFile: SYSTEM_AUTHORITIES },
      credential: bearer(name),
    },
  };
});

/** Servers of one's own: in the clear, by a name that resolves where Envoy runs. */
const own: readonly ShippedCluster[] = [
  {
    name: "ollama",
    comment: `Ollama beside Envoy, which asks for no key. In the policy: {provider: ollama}.
Put your server's name in the place of ollama.`,
    cluster: { name: "ollama", address: "ollama:11434" },
  },
  {
    name: "vllm",
    comment: `vLLM beside Envoy. In the policy: {provider: vllm}. Put your server's name in the place of vllm.
Its key (--api-key) is in the file that secrets/vllm.yaml names; without one, take credential_injector out.`,
    cluster: { name: "vllm", address: "vllm:8000", credential: bearer("vllm") },
  },
];

export const vendorClusters: readonly ShippedCluster[] = [...hosted, ...own];

/** What `envoy/secrets/<name>.yaml` holds for a cluster of these. */
export function vendorSecret(name: string): string {
  const variable = `${name.toUpperCase().replaceAll("-", "_")}_API_KEY`;
  return `# The key, bare, is in the file named here: mounted from a secret store, readable by Envoy alone. Envoy watches
# this file, not that one: to rotate, replace both, this one by a rename.
# From Envoy's environment instead: secret: { environment_variable: ${variable} }
resources:
  - "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret
    name: ${name}-key
    generic_secret:
      secret: { filename: /etc/envoy/secrets/${name}.key }
`;
}
