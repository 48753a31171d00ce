/** Where a server listens: a TCP port or a Unix socket. */

export type ListenAddress =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/** Linux keeps socket paths in 108 bytes, the final zero included (unix(7)); other systems in 104. */
const MAX_SOCKET_PATH_BYTES = 103;
const MAX_PORT = 65_535;
const tcp = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})$/;

/**
 * Reads `host:port`, `[ipv6]:port` or `unix:/path`. Port 0 lets the system choose.
 *
 * @returns the address, or a sentence that says what is wrong
 */
export function parseAddress(text: string): ListenAddress | string {
  if (text.startsWith("unix:")) return parseSocket(text.slice("unix:".length));
  const match = tcp.exec(text);
  if (match === null) return "must be host:port, [ipv6]:port or unix:/path";
  const port = Number(match[3]);
  if (port > MAX_PORT) return `port ${port} is above ${MAX_PORT}`;
  return { kind: "tcp", host: match[1] ?? match[2] ?? "", port };
}

function parseSocket(path: string): ListenAddress | string {
  if (!path.startsWith("/"))
    return "the path of a Unix socket must be absolute, as in unix:/run/tollgate.sock";
  if (path.includes("\0")) return "the path of a Unix socket must not hold a zero byte";
  if (Buffer.byteLength(path) > MAX_SOCKET_PATH_BYTES) {
    return `the path of a Unix socket must not be longer than ${MAX_SOCKET_PATH_BYTES} bytes`;
  }
  return { kind: "unix", path };
}

/** The address as text, in the form that `parseAddress` reads and that gRPC servers bind to. */
export function addressText(address: ListenAddress): string {
  switch (address.kind) {
    case "tcp":
      return `${address.host.includes(":") ? `[${address.host}]` : address.host}:${address.port}`;
    case "unix":
      return `unix:${address.path}`;
  }
}

/**
 * Where worker number `index` (from 0) listens: on port + index, or at path + `.index`; the first at the
 * address itself. A port that the system chooses is chosen anew for each.
 */
export function workerListen(address: ListenAddress, index: number): ListenAddress {
  if (index === 0) return address;
  switch (address.kind) {
    case "tcp":
      return { ...address, port: address.port === 0 ? 0 : address.port + index };
    case "unix":
      return { ...address, path: `${address.path}.${index}` };
  }
}

/** Only processes of this machine can reach it. */
export function isLocal(address: ListenAddress): boolean {
  if (address.kind === "unix") return true;
  return address.host === "localhost" || address.host === "::1" || address.host.startsWith("127.");
}

/** The host stands for every interface, so nobody can connect to it by that name. */
export function isWildcard(address: ListenAddress): boolean {
  return address.kind === "tcp" && (address.host === "0.0.0.0" || address.host === "::");
}
