/** The door to serving RESP. Pure parts (reply.ts, errors.ts) may be imported alone, where node:net must stay out. */
export type { RespCommand } from './command.js';
export { notAnInteger } from './errors.js';
export { bytes, error, nullArray, OK, type Reply, raw } from './reply.js';
export { createRespServer, type RespServer, type RespServerOptions } from './server.js';
