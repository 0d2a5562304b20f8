/** What a killed daemon has left running, and the one that comes after it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const SERVE = ['cron', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off', '--lease', '3s'];

test.runIf(process.platform === 'linux')(
  'a daemon that comes within the lease of one that was killed ends what that has left, before it is begun anew',
  async () => {
    const home = temporaryFolder();
    const pids = join(home, 'pids');
    const doubled = join(home, 'doubled');
    // A start that finds the one before says so; one that has ended and was not waited for yet has no environment.
    const script = `for pid in $(cat ${pids} 2> /dev/null); do grep -qs . /proc/$pid/environ && touch ${doubled}; done; echo $$ >> ${pids}; exec sleep 1000`;
    await runDs(['cron', 'add', 'long', '--delivery', 'at-least-once', '--', 'sh', '-c', script], { home });
    const first = await startDs(SERVE, { home });
    await runDs(['cron', 'run', 'long'], { home });
    const started = () => (existsSync(pids) ? readFileSync(pids, 'utf8').split('\n').filter(Boolean).map(Number) : []);
    await waitFor(() => started().length === 1);
    await first.stop('SIGKILL');
    const second = await startDs(SERVE, { home });
    await waitFor(() => started().length === 2, { timeoutMs: 20_000 });
    expect(await runDsJson(['cron', 'history', 'long'], { home })).toMatchObject({
      runs: [{ state: 'running', attempt: 2 }],
    });
    expect(existsSync(doubled)).toBe(false);
    await second.stop();
  },
);
