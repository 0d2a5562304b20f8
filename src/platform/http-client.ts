/**
 * The HTTP client, in a module of its own so that it can be loaded late. undici is CommonJS: once bundled, a dynamic
 * import of it directly would have no names but `default`.
 */
export { Client, Pool, request } from 'undici';
