/** What the pool and its workers say to each other over the process channel. */

export type ToWorker = { readonly kind: "snapshot"; readonly request: number } | { readonly kind: "drain" };

export type ToPool =
  | { readonly kind: "serving" }
  | { readonly kind: "snapshot"; readonly request: number; readonly metrics: readonly unknown[] };
