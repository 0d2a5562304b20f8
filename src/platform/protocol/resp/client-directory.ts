import type { ClientState } from './client-state.js';

/** The connections of a server. */
export interface ClientDirectory {
  /** In order of their numbers. */
  clients(): Iterable<ClientState>;
  /** Milliseconds on the monotonic clock. */
  monotonic(): number;
}
