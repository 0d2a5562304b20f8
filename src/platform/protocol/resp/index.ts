/** The door to RESP: what blocks import. */
export type { RespCommand, RespConnection } from './command.js';
export { errorFromReply, errorReplyOf, notAnInteger, syntaxError, wrongArity } from './errors.js';
export { defaultRespLimits, type RespLimits } from './limits.js';
export { bigNumber, double, error, map, OK, push, type Reply, raw, set, simple, verbatim } from './reply.js';
export { createRespServer, type RespServer, type RespServerOptions } from './server.js';
export type { InfoSections } from './server-commands.js';
