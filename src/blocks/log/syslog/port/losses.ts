/** Says what a port of syslog could not take: nobody else learns of it, since the protocol has no answer. */
import type { Clock } from '../../../../platform/clock.js';
import { lossesOf } from './counts.js';
import type { SyslogPort } from './port.js';

const LOOK_MS = 10_000;

/** Looks every few seconds, and once more at the signal, which is to come when the port is closed. `tell`: what was lost so far, when that has changed: `12 datagrams dropped, …`. */
export async function watchLosses(
  port: Pick<SyslogPort, 'counts' | 'kernelDrops'>,
  clock: Clock,
  signal: AbortSignal,
  tell: (losses: string) => void,
): Promise<void> {
  let told: string | undefined;
  for (let last = false; !last; ) {
    await clock.sleep(LOOK_MS, signal).catch(() => {});
    last = signal.aborted;
    const losses = lossesOf(port.counts, (await port.kernelDrops()) ?? 0);
    if (losses !== undefined && losses !== told) tell(losses);
    told = losses;
  }
}
