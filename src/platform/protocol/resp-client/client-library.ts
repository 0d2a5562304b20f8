/**
 * The Redis client library, in a module of its own so that it can be loaded late. It is CommonJS: once bundled, a
 * dynamic import of it directly would have no names but `default`.
 */
export { createClient, RESP_TYPES } from '@redis/client';
