/** What counting comes to. */

export interface TokenCount {
  readonly tokens: number;
  /**
   * The provider counts the same: the model's encoding is published, and so is what everything beside the text costs.
   * False: an estimate.
   */
  readonly exact: boolean;
}

/** A count could not be had for want of time, memory or room. Not the client's fault, nor a defect. */
export class CountUnavailableError extends Error {
  constructor(why: string) {
    super(why);
    this.name = "CountUnavailableError";
  }
}
