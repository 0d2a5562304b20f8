/** A zone that is here and cannot be answered from now: a copy that has expired. What ZoneSource's find() then throws. */
import type { ExtendedError } from '../edns-options.js';

export class ZoneUnavailable extends Error {
  constructor(readonly why: ExtendedError) {
    super(why.text);
  }
}
