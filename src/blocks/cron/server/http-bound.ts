/**
 * How many requests may be carried out at a time: each waits for the store, whose queue is open to the scheduler and the workers of this
 * process, too. Beyond it a request is refused before it costs the store anything; who sends it comes again a little later.
 *
 * What counts is the work, not the connection: a peer that goes away in the middle leaves its work behind.
 */
import type { FastifyInstance, RouteHandlerMethod } from 'fastify';
import { storageErrors } from '../../../platform/store/errors.js';

/** A full queue is worked off in less. Seconds. */
const RETRY_AFTER = '1';

/** Holds for the routes that this instance gets from now on, all together. */
export function boundWork(app: FastifyInstance, most: number): void {
  let working = 0;
  const done = new WeakSet<RouteHandlerMethod>();
  const bounded = (handler: RouteHandlerMethod): RouteHandlerMethod =>
    async function (request, reply) {
      if (working >= most) {
        void reply.header('retry-after', RETRY_AFTER);
        throw overloaded(working);
      }
      working++;
      try {
        return await handler.call(this, request, reply);
      } finally {
        working--;
      }
    };
  app.addHook('onRoute', (route) => {
    // HEAD comes with the handler of GET.
    if (!done.has(route.handler)) route.handler = bounded(route.handler);
    done.add(route.handler);
  });
}

function overloaded(waiting: number) {
  return storageErrors.error('storage.overloaded', `${waiting} requests are waiting for the store`, {
    hint: 'send fewer at a time, or wait for replies',
    details: { waiting },
  });
}
