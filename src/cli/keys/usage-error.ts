/** The command was called wrongly; the message says how. */
export class KeysUsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "KeysUsageError";
  }
}
