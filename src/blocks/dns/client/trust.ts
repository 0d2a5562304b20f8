/** What connections are opened with. */
import type { Clock, Random } from '../../../platform/clock.js';

/** How servers prove who they are (RFC 7858, section 4; RFC 8310). */
export interface TrustOptions {
  /** PEM of the authorities that are trusted in place of the usual ones. */
  readonly ca?: string | Uint8Array;
  /** Takes any certificate: protects against who listens, not against who stands in between. */
  readonly insecure?: boolean;
  /** The name that certificates have to be for, whatever the server's host. */
  readonly serverName?: string;
}

export interface ConnectionsOptions extends TrustOptions {
  readonly clock: Clock;
  readonly random: Random;
}
