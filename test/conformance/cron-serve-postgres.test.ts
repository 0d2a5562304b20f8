/** `ds cron serve` on a PostgreSQL that goes away for a moment, as it does when it is updated or fails over. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startPostgresServer } from '../helpers/postgres-server.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

describe.runIf(hasPackages('postgresql'))('a PostgreSQL that is started anew', () => {
  test('costs no run its end that ended meanwhile', { timeout: 60_000 }, async () => {
    const server = await startPostgresServer();
    try {
      const env = { DS_CRON_URL: server.url };
      const folder = temporaryFolder();
      // A connection of its own, on which nothing comes, tells it when the server goes: at that moment it ends.
      const command = `exec 3<> /dev/tcp/127.0.0.1/${server.port}; touch ${join(folder, 'started')}; read -u 3; echo done`;
      await runDs(['cron', 'add', 'job', '--shell', '/bin/bash', '--command', command], { env });
      const { stop } = await startDs(['cron', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], {
        home: folder,
        env,
      });
      await runDs(['cron', 'run', 'job'], { env });
      await waitFor(() => existsSync(join(folder, 'started')));
      await server.restart();
      const run = await waitFor(
        async () => {
          const { runs } = (await runDsJson(['cron', 'history', 'job'], { env })) as {
            runs: { finished_at?: string }[];
          };
          return runs.find(({ finished_at }) => finished_at !== undefined);
        },
        { timeoutMs: 30_000, what: 'the end of the run' },
      );
      expect(run).toMatchObject({ state: 'succeeded', attempt: 1, exit_code: 0, output_bytes: 5 });
      expect(await runDs(['cron', 'output', '1'], { env })).toMatchObject({ code: 0, stdout: 'done\n' });
      expect(await stop()).toMatchObject({ code: 0 });
    } finally {
      await server.stop();
    }
  });
});
