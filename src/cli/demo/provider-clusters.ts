/**
 * The clusters in `envoy/providers`, one file for each provider beyond those in `envoy/envoy.yaml`, to be copied into
 * a configuration; a test holds the files to this.
 */
import type { JsonObject } from "../../json/types.ts";
import { providerCluster } from "./envoy-cluster.ts";
import type { ClusterSetup } from "./envoy-setup.ts";
import { SYSTEM_AUTHORITIES } from "./shipped.ts";
import { bearer, vendorClusters } from "./vendor-clusters.ts";

export interface ShippedCluster {
  /** The file is `envoy/providers/<name>.yaml`. */
  readonly name: string;
  /** At the head of the file: what to change, and where the credential comes from. */
  readonly comment: string;
  readonly cluster: ClusterSetup;
}

const googleHost = "generativelanguage.googleapis.com";
const vertexHost = "europe-west4-aiplatform.googleapis.com";
const claudeHost = "us-east5-aiplatform.googleapis.com";
const bedrockHost = "bedrock-runtime.us-east-1.amazonaws.com";

const azureHost = "RESOURCE.openai.azure.com";

export const shippedClusters: readonly ShippedCluster[] = [
  {
    name: "google",
    comment: `Gemini at Google AI. In the policy: {provider: google}. A route of its own for "/v1beta/" lets Google's
SDKs in. The key is in the file that secrets/google.yaml names.`,
    cluster: {
      name: "gemini",
      address: `${googleHost}:443`,
      hostname: googleHost,
      tls: { serverName: googleHost, caFile: SYSTEM_AUTHORITIES },
      credential: {
        header: "x-goog-api-key",
        secret: { from: "sds", path: "/etc/envoy/secrets/google.yaml" },
      },
    },
  },
  {
    name: "vertex",
    comment: `Gemini at Vertex AI. In the policy: {provider: vertex, project: my-project, location: europe-west4}.
The region stands here three times; without it, for location global, the host is aiplatform.googleapis.com.
The file that secrets/vertex.yaml names holds an access token, which lives for an hour: something must renew it in time
(gcloud auth print-access-token), both files replaced by a rename.`,
    cluster: {
      name: "vertex",
      address: `${vertexHost}:443`,
      hostname: vertexHost,
      tls: { serverName: vertexHost, caFile: SYSTEM_AUTHORITIES },
      credential: {
        header: "authorization",
        prefix: "Bearer ",
        secret: { from: "sds", path: "/etc/envoy/secrets/vertex.yaml" },
      },
    },
  },
  {
    name: "vertex-anthropic",
    comment: `Claude at Vertex AI. In the policy: {provider: vertex-anthropic, project: my-project, location: us-east5}.
The region stands here three times; without it, for location global, the host is aiplatform.googleapis.com.
The file that secrets/vertex-anthropic.yaml names holds an access token, to be renewed as for Gemini (vertex.yaml).`,
    cluster: {
      name: "vertex-anthropic",
      address: `${claudeHost}:443`,
      hostname: claudeHost,
      tls: { serverName: claudeHost, caFile: SYSTEM_AUTHORITIES },
      credential: bearer("vertex-anthropic"),
    },
  },
  {
    name: "azure-openai",
    comment: `OpenAI's models at Azure. In the policy: {provider: azure-openai}, or with the paths of deployments, whose names
the models then are: {provider: azure-openai, api_version: "2024-10-21"}. By the Responses API: azure-openai-responses.
Put your resource's name in the place of RESOURCE, three times, and its key where secrets/azure-openai.yaml says.`,
    cluster: {
      name: "azure",
      address: `${azureHost}:443`,
      hostname: azureHost,
      tls: { serverName: azureHost, caFile: SYSTEM_AUTHORITIES },
      credential: {
        header: "api-key",
        secret: { from: "sds", path: "/etc/envoy/secrets/azure-openai.yaml" },
      },
    },
  },
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
  ...vendorClusters,
];

/** What a file holds: a list of one, to be added to `static_resources.clusters`. */
export function shippedCluster({ cluster }: ShippedCluster): JsonObject {
  const setup = { listener: { host: "", port: 0 }, tollgate: ["127.0.0.1:50051"], clusters: [], routes: [] };
  return { clusters: [providerCluster(setup, cluster)] };
}
