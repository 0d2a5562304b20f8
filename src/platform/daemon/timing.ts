/** Measures how long the ports of a daemon take to answer. */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Clock } from '../clock.js';
import type { RespCommand } from '../protocol/resp/command.js';
import type { Latency } from './latency.js';

/** The same command, measured. Two readings of the clock are all that it costs one that answers at once. */
export function timedCommand(command: RespCommand, clock: Clock, latency: Latency): RespCommand {
  return {
    ...command,
    handle(connection, args) {
      const startedAt = clock.monotonic();
      const reply = command.handle(connection, args);
      if (!(reply instanceof Promise)) {
        latency.observe(clock.monotonic() - startedAt);
        return reply;
      }
      const done = () => latency.observe(clock.monotonic() - startedAt);
      reply.then(done, done);
      return reply;
    },
  };
}

/** Measures each request that meets a route. `latencyOf` is asked with the route's pattern, never with a peer's path. */
export function timeRequests(app: FastifyInstance, clock: Clock, latencyOf: (route: string) => Latency): void {
  const starts = new WeakMap<FastifyRequest, number>();
  app.addHook('onRequest', async (request) => void starts.set(request, clock.monotonic()));
  app.addHook('onResponse', async (request) => {
    const startedAt = starts.get(request);
    const route = request.routeOptions.url;
    if (startedAt !== undefined && route !== undefined) latencyOf(route).observe(clock.monotonic() - startedAt);
  });
}
