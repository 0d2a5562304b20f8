/** `ds logs`: the logs of several blocks as one stream, in the order of their times. */
import { access, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../clock.js';
import { logFolder } from '../paths.js';
import { daemonErrors } from './errors.js';
import { logTimeOf } from './log-format.js';
import { followLog, type LogTail, readTail } from './log-reader.js';

export interface LogsRequest {
  readonly home: string;
  /** None means all that have a log. */
  readonly blocks: readonly string[];
  /** Lines of each block to begin with. */
  readonly count: number;
  readonly onLine: (line: string, block: string) => Promise<void> | void;
}

interface BlockLog {
  readonly block: string;
  readonly path: string;
}

/** The last lines. Resolves with where each log ended, for {@link followLogs}. Error: `daemon.no_log`. */
export async function showLogs(request: LogsRequest): Promise<readonly (BlockLog & { readonly offset: number })[]> {
  const logs = await findLogs(request.home, request.blocks);
  const tails = await Promise.all(logs.map(async (log) => ({ ...log, ...(await readTail(log.path, request.count)) })));
  for (const { line, block } of mergeByTime(tails)) await request.onLine(line, block);
  return tails;
}

/** What is written from then on, until the signal aborts. */
export async function followLogs(
  logs: readonly (BlockLog & { readonly offset: number })[],
  clock: Clock,
  signal: AbortSignal,
  onLine: LogsRequest['onLine'],
): Promise<void> {
  await Promise.all(
    logs.map(({ path, offset, block }) => followLog(path, offset, clock, signal, (line) => onLine(line, block))),
  );
}

/** A line without a time, of a crash, stays behind the one before it. */
function mergeByTime(tails: readonly (BlockLog & LogTail)[]): { line: string; block: string }[] {
  const stamped = tails.flatMap(({ block, lines }) => {
    let time = '';
    return lines.map((line) => {
      time = logTimeOf(line) ?? time;
      return { line, block, time };
    });
  });
  return stamped.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

async function findLogs(home: string, blocks: readonly string[]): Promise<BlockLog[]> {
  const folder = logFolder(home);
  const present = (await readdir(folder).catch(() => []))
    .filter((name) => name.endsWith('.log'))
    .map((name) => name.slice(0, -'.log'.length))
    .sort();
  const names = blocks.length > 0 ? blocks : present;
  const logs = names.map((block) => ({ block, path: join(folder, `${block}.log`) }));
  for (const { block, path } of logs) {
    const missing =
      !/^[a-z0-9-]+$/.test(block) ||
      (await access(path).then(
        () => false,
        () => true,
      ));
    if (missing) throw noLog(block);
  }
  if (logs.length === 0) throw noLog('any block');
  return logs;
}

function noLog(block: string) {
  return daemonErrors.error('daemon.no_log', `there is no log of ${block}`, {
    hint: 'logs are written by ds up and by --detach; a serve in the foreground logs to its terminal',
    details: { block },
  });
}
