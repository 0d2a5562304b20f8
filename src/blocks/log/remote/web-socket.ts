/** The client of WebSockets, in a module of its own so that it can be loaded late: as platform/http-client.ts. */
export { WebSocket } from 'ws';
