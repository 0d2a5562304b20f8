/** What a master file has said so far, on which the next entry depends (RFC 1035, section 5.1; RFC 2308, section 4). */
import type { Name } from '../../name.js';

export interface Context {
  /** What relative names are below; undefined until something has told. */
  origin: Name | undefined;
  /** Of the last entry, for one that begins blank. */
  owner: Name | undefined;
  /** By $TTL: for records without a TTL of their own. */
  defaultTtl: number | undefined;
  /** The TTL that a record stated last, for those without one when there is no $TTL. */
  statedTtl: number | undefined;
}
