/** A pipe by name, as a shell makes of <(command), or mkfifo. */
import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';

/**
 * Its octets, to their end. Whoever writes may come late or never: the wait is the event loop's, so that it can be ended and
 * keeps nobody from anything else. Error: that of the system, when it cannot be opened.
 */
export function openPipe(path: string): AsyncIterable<Uint8Array> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}
