/**
 * The commands of the RESP port: redis-cell's CL.THROTTLE, for any Redis client, and the LIMIT commands of wire.ts, which
 * carry the whole interface for `--url`.
 */
import { timedCommand } from '../../../platform/daemon/timing.js';
import type { RespCommand } from '../../../platform/protocol/resp/index.js';
import { served } from '../../../platform/protocol/resp/wire-command.js';
import { limitWire } from '../wire.js';
import type { RespLimitEngine } from './engine.js';
import { throttleCommand } from './throttle.js';

export function respCommands(engine: RespLimitEngine): RespCommand[] {
  return [throttleCommand(engine), ...wireCommands(engine)].map((command) =>
    timedCommand(command, engine.clock, engine.latency(command.name.toLowerCase())),
  );
}

function wireCommands(engine: RespLimitEngine): RespCommand[] {
  const { limiter } = engine;
  return [
    served(limitWire.check, ({ demands }) => engine.check(demands)),
    served(limitWire.peek, ({ demands }) => limiter.peek(demands)),
    served(limitWire.refund, (demand) => limiter.refund(demand)),
    served(limitWire.reset, ({ key, scope }) => limiter.reset(key, scope)),
    served(limitWire.block, ({ key, forUs }) => limiter.block(key, forUs)),
    served(limitWire.inspect, ({ key }) => limiter.inspect(key)),
    served(limitWire.top, ({ count }) => limiter.top(count)),
    served(limitWire.blocked, () => limiter.blocked()),
    served(limitWire.counts, () => limiter.counts()),
  ];
}
