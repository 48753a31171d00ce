/**
 * The clusters in `envoy/providers`, one file for each provider beyond those in `envoy/envoy.yaml`, to be copied into
 * a configuration; a test holds the files to this.
 */
import type { JsonObject } from "../../json/types.ts";
import { providerCluster } from "./envoy-cluster.ts";
import type { ClusterSetup } from "./envoy-setup.ts";
import { SYSTEM_AUTHORITIES } from "./shipped.ts";

interface ShippedCluster {
  /** The file is `envoy/providers/<name>.yaml`. */
  readonly name: string;
  /** At the head of the file: what to change, and where the credential comes from. */
  readonly comment: string;
  readonly cluster: ClusterSetup;
}

const bedrockHost = "bedrock-runtime.us-east-1.amazonaws.com";

export const shippedClusters: readonly ShippedCluster[] = [
  {
    name: "bedrock",
    comment: `Amazon Bedrock, models of all vendors through Converse. In the policy: {provider: bedrock}.
The region stands here five times. Envoy signs with the credentials it finds in its environment
(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY), in ~/.aws, or at the container or the instance it runs on; they need
bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream.`,
    cluster: {
      name: "bedrock",
      address: `${bedrockHost}:443`,
      hostname: bedrockHost,
      tls: { serverName: bedrockHost, caFile: SYSTEM_AUTHORITIES },
      credential: { kind: "aws-signature", service: "bedrock", region: "us-east-1" },
    },
  },
];

/** What a file holds: a list of one, to be added to `static_resources.clusters`. */
export function shippedCluster({ cluster }: ShippedCluster): JsonObject {
  const setup = { listener: { host: "", port: 0 }, tollgate: ["127.0.0.1:50051"], clusters: [], routes: [] };
  return { clusters: [providerCluster(setup, cluster)] };
}
