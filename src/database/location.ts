/** Where a database is: a file of our own, or a Postgres that several gateways share. */

export type DatabaseLocation =
  | { readonly kind: "sqlite"; readonly file: string }
  /** The URL may hold a password: it is for the driver alone. */
  | { readonly kind: "postgres"; readonly url: string };

/** The location as a person may read it, without user and password. */
export function locationText(location: DatabaseLocation): string {
  switch (location.kind) {
    case "sqlite":
      return location.file;
    case "postgres": {
      const { host, pathname } = new URL(location.url);
      return `postgres://${host}${pathname}`;
    }
    default:
      return location satisfies never;
  }
}
