/** A zone's records, however they are kept (memory, SQLite), as answering needs them. Names are compared without case. */
import type { Name } from '../name.js';
import type { RRset } from '../record.js';

export interface ZoneData {
  readonly origin: Name;
  /** All RRsets whose owner the name is; none for an empty non-terminal and for a name that does not exist. */
  node(name: Name): readonly RRset[];
  /**
   * The longest part of the name, from its end, that exists: an owner or an empty non-terminal (RFC 4592, section 2.2). At
   * least the origin. The name has to be within the zone.
   */
  closestEncloser(name: Name): Name;
}

/** All zones that are served. */
export interface ZoneSet {
  /** The zone with the longest origin that the name is within. */
  find(name: Name): ZoneData | undefined;
}
