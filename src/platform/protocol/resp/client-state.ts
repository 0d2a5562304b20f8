/** What a connection's built-in commands know and change. */
import type { RespConnection } from './command.js';
import type { Protocol } from './reply-writer.js';
import type { Unblocking } from './waiting.js';

export interface ClientState extends RespConnection {
  protocol: Protocol;
  /** Settable: SELECT. */
  database: number;
  /** Of CLIENT LIST: `N`, `x` in a transaction, `b` while it waits, for a pause to end, too. */
  readonly flags: string;
  /** Set while commands are queued for EXEC. */
  inTransaction: boolean;
  name: string;
  libraryName: string;
  libraryVersion: string;
  authenticated: boolean;
  /** `127.0.0.1:6390`: the server's end. */
  readonly localAddress: string;
  /** On the monotonic clock, milliseconds. */
  readonly connectedAt: number;
  readonly lastActiveAt: number;
  /** Lower-case name of the last command, `client|list` where it is a subcommand. */
  lastCommand: string;
  /** Commands started and not yet answered. */
  readonly pendingReplies: number;
  readonly outputBytes: number;
  readonly inputBytes: number;
  /** Closes once everything up to this command's reply has been sent. */
  closeAfterReplies(): void;
  /** Calls back each time that RESET puts the connection into the state it began with. */
  onReset(callback: () => void): void;
  /** Which replies are sent: CLIENT REPLY. */
  setReplies(mode: 'on' | 'off' | 'skip'): void;
  /** For RESET alone. */
  reset(): void;
  /** Ends the waiting of a command: CLIENT UNBLOCK. False where none waits. */
  unblock(how: Unblocking): boolean;
  /** Closes at once, whatever was not yet sent: CLIENT KILL. */
  destroy(): void;
}
