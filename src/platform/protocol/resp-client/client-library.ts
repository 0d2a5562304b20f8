/**
 * The Redis client library, in a module of its own so that it can be loaded late. It is CommonJS: once bundled, a
 * dynamic import of it directly would have no names but `default`.
 */
import { RedisClient } from '@redis/client';

export { RESP_TYPES } from '@redis/client';

/**
 * As the library's own, which makes a class with a method for every command of Redis whenever options differ from the last
 * ones, 20 ms for each server: one class does. By its type it takes no `RESP`, yet clients read that of their options, too.
 */
export const createClient = RedisClient.factory({ RESP: 2 }) as typeof RedisClient.create;
