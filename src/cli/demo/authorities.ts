/** The certificate authorities that real providers are checked against. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { rootCertificates } from "node:tls";

const SYSTEM_BUNDLES = [
  "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Arch, Gentoo
  "/etc/pki/tls/certs/ca-bundle.crt", // Fedora, RHEL
  "/etc/ssl/ca-bundle.pem", // openSUSE
  "/etc/ssl/cert.pem", // macOS, Alpine
];

/** The system's PEM bundle (or SSL_CERT_FILE); where there is none, Node's own list, written into `directory`. */
export async function authorities(env: NodeJS.ProcessEnv, directory: string): Promise<string> {
  const named = env["SSL_CERT_FILE"];
  const found = [...(named ? [named] : []), ...SYSTEM_BUNDLES].find((path) => existsSync(path));
  if (found !== undefined) return found;
  const path = join(directory, "authorities.pem");
  await writeFile(path, rootCertificates.join("\n"), { mode: 0o600 });
  return path;
}
