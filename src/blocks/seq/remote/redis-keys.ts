/**
 * The keys in a Redis or Valkey. All carry one hash tag, so that a cluster keeps them on one node, where scripts can
 * change them together.
 *
 *     {ds:seq}:token              string   last fencing token
 *     {ds:seq}:spaces             set      names of the spaces
 *     {ds:seq}:workers:<space>    hash     worker ─▶ "token leased_at expires_at floor high_water skew_ms released holder"
 *     {ds:seq}:free:<space>       zset     worker by the instant from which it is free: max(expires_at, high_water) + skew
 *     {ds:seq}:live:<space>       zset     worker by expires_at, unreleased ones
 *     {ds:seq}:space:<space>      hash     unused ─▶ all lower numbers have been leased; floor ─▶ highest instant that a
 *                                          holder who is gone may have used, or at which anybody reserved
 *     {ds:seq}:names              hash     ticket name ─▶ block | gapless
 *     {ds:seq}:ticket:<name>      string   block kind: highest number given. A plain INCR by anybody is right, too.
 *     {ds:seq}:gapless:<name>     string   gapless kind: highest number given
 *     {ds:seq}:holes:<name>       hash     number ─▶ "token expires_at holder", uncommitted ones
 *     {ds:seq}:expiry:<name>      zset     number by expires_at, uncommitted ones; 0 once aborted
 *
 * Lua's numbers are doubles, exact up to 2^53. Instants are far below. Tokens and ticket numbers may pass it: Redis
 * itself counts them in 64 bits (INCR, INCRBY), and the scripts only ever hold, compare and return them as strings.
 */
const PREFIX = '{ds:seq}:';

export const tokenKey = `${PREFIX}token`;
export const spacesKey = `${PREFIX}spaces`;
export const namesKey = `${PREFIX}names`;

export const workersKey = (space: string): string => `${PREFIX}workers:${space}`;
export const freeKey = (space: string): string => `${PREFIX}free:${space}`;
export const liveKey = (space: string): string => `${PREFIX}live:${space}`;
export const spaceKey = (space: string): string => `${PREFIX}space:${space}`;

export const ticketKey = (name: string): string => `${PREFIX}ticket:${name}`;
export const gaplessKey = (name: string): string => `${PREFIX}gapless:${name}`;
export const holesKey = (name: string): string => `${PREFIX}holes:${name}`;
export const expiryKey = (name: string): string => `${PREFIX}expiry:${name}`;
