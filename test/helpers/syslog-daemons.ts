/** Debian's system loggers, each in the foreground with a configuration of its own, gone at the end of the test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** They cannot be installed side by side, so this one is only unpacked. */
const SYSLOG_NG = '/opt/syslog-ng/usr';

/** @param folder for its state and the configuration */
export function startRsyslog(folder: string, configuration: string): ChildProcess {
  const file = join(folder, 'rsyslog.conf');
  writeFileSync(file, `global(workDirectory="${folder}")\n${configuration}`);
  return start('rsyslogd', ['-n', '-f', file, '-i', join(folder, 'pid')], {});
}

/** @param configuration without the line of its version */
export function startSyslogNg(folder: string, configuration: string): ChildProcess {
  const file = join(folder, 'syslog-ng.conf');
  writeFileSync(file, `@version: 3.38\n${configuration}`);
  const place = ['-R', join(folder, 'persist'), '-c', join(folder, 'control'), '-p', join(folder, 'ng.pid')];
  const modules = ['--module-path', `${SYSLOG_NG}/lib/syslog-ng/3.38`];
  return start(`${SYSLOG_NG}/sbin/syslog-ng`, ['-F', '--no-caps', '-f', file, ...place, ...modules], {
    LD_LIBRARY_PATH: `${SYSLOG_NG}/lib/syslog-ng`,
  });
}

function start(program: string, args: readonly string[], environment: NodeJS.ProcessEnv): ChildProcess {
  const env = { ...process.env, TZ: 'UTC', ...environment };
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return child;
}
