/** The server's side of WebSockets, in a module of its own so that it can be loaded late: as platform/http-client.ts. */
export { WebSocketServer } from 'ws';
