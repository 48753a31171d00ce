import { lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";

/**
 * Removes the socket file that a killed process left behind; without this the next one could not listen.
 * A socket on which somebody answers is left alone, and so is any file that is no socket: listening then
 * fails with EADDRINUSE.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const file = await lstat(path).catch(() => undefined);
  if (file?.isSocket() && !(await answers(path))) await unlink(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (alive: boolean): void => {
      socket.destroy();
      resolve(alive);
    };
    socket.once("connect", () => settle(true));
    // Only a refusal proves that nobody listens; with no permission to ask, it is not ours to remove.
    socket.once("error", (error: NodeJS.ErrnoException) => settle(error.code !== "ECONNREFUSED"));
  });
}
