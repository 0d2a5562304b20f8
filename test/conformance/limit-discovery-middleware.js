/**
 * The npm middlewares of the discovery matrix, each server with its setting on a port of its own, in one process. Reads the
 * settings as JSON from its first argument, prints the ports in their order, ends with its stdin. Unless told, no headers are
 * sent that would tell the limit: it is to be found out.
 */
import { createServer } from 'node:http';
import rateLimitFastify from '@fastify/rate-limit';
import Bottleneck from 'bottleneck';
import express from 'express';
import { rateLimit } from 'express-rate-limit';
import Fastify from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';

const servers = {
  /** Behind the reverse proxy: answers after `ms`. */
  plain({ ms = 0 }) {
    return listen(createServer((_request, response) => setTimeout(() => response.end('ok'), ms)));
  },

  /** `declare`: 0 nothing, 1 the legacy headers, 6 or 8 those of that draft. */
  express({ limit, windowMs, declare = 0 }) {
    const app = express();
    const standardHeaders = declare > 1 && `draft-${declare}`;
    app.use(rateLimit({ limit, windowMs, legacyHeaders: declare === 1, standardHeaders }));
    app.get('/', (_request, response) => response.send('ok'));
    return listen(createServer(app));
  },

  async fastify({ max, timeWindow, declare = 0 }) {
    const app = Fastify();
    const off = declare === 0 && {
      'x-ratelimit-limit': false,
      'x-ratelimit-remaining': false,
      'x-ratelimit-reset': false,
      'retry-after': false,
    };
    await app.register(rateLimitFastify, {
      max,
      timeWindow,
      ...(off && { addHeaders: off, addHeadersOnExceeding: off }),
    });
    app.get('/', () => 'ok');
    await app.listen({ host: '127.0.0.1', port: 0 });
    return app.server.address().port;
  },

  flexible({ points, duration }) {
    const limiter = new RateLimiterMemory({ points, duration });
    return listen(
      createServer((request, response) => {
        limiter.consume(request.socket.remoteAddress).then(
          () => response.end('ok'),
          () => response.writeHead(429).end(),
        );
      }),
    );
  },

  /** `ms`: how long each request is worked on. */
  bottleneck({ ms = 0, ...options }) {
    const limiter = new Bottleneck({ ...options, strategy: Bottleneck.strategy.OVERFLOW });
    const work = () => new Promise((resolve) => setTimeout(resolve, ms));
    return listen(
      createServer((_request, response) => {
        limiter.schedule(work).then(
          () => response.end('ok'),
          () => response.writeHead(429).end(),
        );
      }),
    );
  },
};

function listen(server) {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

const ports = [];
for (const { kind, ...setting } of JSON.parse(process.argv[2])) ports.push(await servers[kind](setting));
process.stdout.write(`${JSON.stringify(ports)}\n`);
process.stdin.on('end', () => process.exit(0)).resume();
