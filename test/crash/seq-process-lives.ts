/** Processes that print IDs or tickets until they are killed, one life after another. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PROGRAM = join(import.meta.dirname, '../../bin/run.js');
const ENDLESS = String(Number.MAX_SAFE_INTEGER);

/** Pause between two reads of a pipe, in ms: a full pipe holds the process back, so that long lives stay small. */
const READ_PAUSE_MS = 2;

/** How many kills are still to come, shared by all victims. */
export class Kills {
  done = 0;
  constructor(readonly wanted: number) {}
  get over(): boolean {
    return this.done >= this.wanted;
  }
}

export interface Stream {
  /** Arguments of ds. */
  readonly args: readonly string[];
  /** Makes the reader of one life. */
  open(life: number): (chunk: Buffer) => void;
}

/** Lets the streams live in turn, each until it is killed, until there were enough kills. */
export async function runProcessLives(streams: readonly Stream[], home: string, kills: Kills): Promise<void> {
  for (let life = 0; !kills.over; life++) {
    const stream = streams[life % streams.length];
    if (stream === undefined) return;
    await liveAndDie([...stream.args, '-n', ENDLESS], home, stream.open(life));
    kills.done++;
  }
}

/** When to kill: some die before or around their first output, most soon after it, some after several renewals. */
export function momentOfDeath(): { readonly after: 'spawn' | 'output'; readonly ms: number } {
  const kind = Math.random();
  if (kind < 0.3) return { after: 'spawn', ms: Math.random() * 300 };
  return { after: 'output', ms: Math.random() * (kind < 0.9 ? 30 : 1200) };
}

export function spawnDs(args: readonly string[], home: string) {
  const env = { ...process.env, DS_HOME: home };
  const child = spawn(process.execPath, [PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env });
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (signal === 'SIGKILL') resolve();
      else reject(new Error(`ds ${args.join(' ')} ended by itself with ${code}: ${complaints}`));
    });
  });
  ended.catch(() => {});
  return { child, ended };
}

async function liveAndDie(args: readonly string[], home: string, read: (chunk: Buffer) => void): Promise<void> {
  const { child, ended } = spawnDs(args, home);
  const death = momentOfDeath();
  let timer: NodeJS.Timeout | undefined;
  const dieSoon = () => {
    timer ??= setTimeout(() => child.kill('SIGKILL'), death.ms);
  };
  if (death.after === 'spawn') dieSoon();
  for await (const chunk of child.stdout) {
    dieSoon();
    read(chunk);
    await sleep(READ_PAUSE_MS);
  }
  await ended.finally(() => clearTimeout(timer));
}
