/**
 * The header fields in which HTTP servers tell their limits: what ours writes (`ratelimit-fields/write.ts`) and what
 * anybody's may say (`ratelimit-fields/read.ts`). No sockets here, and no clock.
 */
export type { Declarations, HeaderFields } from './ratelimit-fields/declared.js';
export { readDeclared } from './ratelimit-fields/read.js';
export { rateLimitFields } from './ratelimit-fields/write.js';
