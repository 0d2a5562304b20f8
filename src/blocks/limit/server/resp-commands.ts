/**
 * The commands of the RESP port: redis-cell's CL.THROTTLE, for any Redis client, and the LIMIT commands of wire.ts, which
 * carry the whole interface for `--url`.
 */
import type { RespCommand } from '../../../platform/protocol/resp/index.js';
import { limitWire, type WireCommand } from '../wire.js';
import type { RespLimitEngine } from './resp-engine.js';
import { throttleCommand } from './throttle.js';

export type { RespLimitEngine };

export function respCommands(engine: RespLimitEngine): RespCommand[] {
  return [throttleCommand(engine), ...wireCommands(engine)].map((command) => timed(command, engine));
}

function wireCommands(engine: RespLimitEngine): RespCommand[] {
  const { limiter } = engine;
  return [
    wired(limitWire.check, ({ demands }) => engine.check(demands)),
    wired(limitWire.peek, ({ demands }) => limiter.peek(demands)),
    wired(limitWire.refund, (demand) => limiter.refund(demand)),
    wired(limitWire.reset, ({ key, scope }) => limiter.reset(key, scope)),
    wired(limitWire.block, ({ key, forUs }) => limiter.block(key, forUs)),
    wired(limitWire.inspect, ({ key }) => limiter.inspect(key)),
    wired(limitWire.top, ({ count }) => limiter.top(count)),
    wired(limitWire.blocked, () => limiter.blocked()),
    wired(limitWire.counts, () => limiter.counts()),
  ];
}

function wired<Request, Result>(
  wire: WireCommand<Request, Result>,
  call: (request: Request) => Result | Promise<Result>,
): RespCommand {
  const { name, arity, flags, summary, firstKey } = wire;
  return {
    name,
    arity,
    flags,
    summary,
    ...(firstKey !== undefined && { firstKey }),
    handle(_connection, args) {
      const result = call(wire.decodeRequest(args));
      return result instanceof Promise
        ? result.then((value: Result) => wire.encodeResult(value))
        : wire.encodeResult(result);
    },
  };
}

/** Measures each call. Two readings of the clock are all that it costs a command that answers at once. */
function timed(command: RespCommand, engine: RespLimitEngine): RespCommand {
  const { clock } = engine;
  const latency = engine.latency(command.name.toLowerCase());
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
