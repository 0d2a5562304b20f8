/** What `ds dns bench` takes; loaded when it runs. */
export { BENCH_ZONE, benchQuestions, benchZoneFile, MOST_BENCH_NAMES } from './client/load/bench-zone.js';
export { DnsDriver } from './client/load/driver.js';
export { QueryList, type QueryListOptions, readNamesLine } from './client/load/query-list.js';
export { parseServer } from './client/server-address.js';
export { readTypedName } from './typed-name.js';
export { parseType, RRClass } from './wire.js';
