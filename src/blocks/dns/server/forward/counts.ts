/** What the forwarder counts: plain numbers, which the daemon's metrics read when they are scraped. */

export interface ForwardCounts {
  /** Answers from the cache while fresh. Those that the daemon gives again from finished octets do not come here. */
  hits: number;
  /** Of these, NXDOMAIN that another question had found out (RFC 8020). */
  cutHits: number;
  /** Questions that had to wait for upstream. */
  misses: number;
  /** Answers given beyond their time (RFC 8767). */
  stale: number;
  /** Entries that were asked for anew ahead of their end. */
  prefetches: number;
  /** SERVFAIL: upstream failed, and nothing stale was there. */
  failures: number;
  /** SERVFAIL from memory, without asking again (RFC 9520). */
  cachedFailures: number;
  /** SERVFAIL: too many questions were in flight. */
  overloads: number;
}

export function newCounts(): ForwardCounts {
  return {
    hits: 0,
    cutHits: 0,
    misses: 0,
    stale: 0,
    prefetches: 0,
    failures: 0,
    cachedFailures: 0,
    overloads: 0,
  };
}
