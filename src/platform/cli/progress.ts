/** Spinner and progress bar on stderr. ora is loaded only when something is really shown. */
import { formatDuration, formatSize } from '../units.js';

export interface Spinner {
  text(text: string): void;
  /** Ends it and leaves one final line; without a text nothing is left. */
  stop(text?: string): void;
}

export interface Progress {
  /** The chunks as they come, counted. */
  over(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  stop(): void;
}

const SILENT: Spinner = { text: () => {}, stop: () => {} };

export async function startSpinner(text: string, shown: boolean): Promise<Spinner> {
  if (!shown) return SILENT;
  const { default: ora } = await import('ora');
  const spinner = ora({ text, stream: process.stderr, discardStdin: false, hideCursor: true }).start();
  return {
    text: (next) => {
      spinner.text = next;
    },
    stop: (final) => {
      if (final === undefined) spinner.stop();
      else spinner.succeed(final);
    },
  };
}

/** `total` in bytes; undefined where nobody knows it. */
export async function startProgress(label: string, total: number | undefined, shown: boolean): Promise<Progress> {
  const spinner = await startSpinner(label, shown);
  const startedAt = performance.now();
  return {
    async *over(chunks) {
      let done = 0;
      for await (const chunk of chunks) {
        done += chunk.length;
        if (shown) spinner.text(progressText(label, done, total, performance.now() - startedAt));
        yield chunk;
      }
    },
    stop: () => spinner.stop(),
  };
}

const BAR_WIDTH = 20;

/** `audit  ████████░░░░░░░░░░░░  40%  4 MiB/10 MiB  2 MiB/s  3s left`; what needs the total is left out without one. */
export function progressText(label: string, done: number, total: number | undefined, elapsedMs: number): string {
  const perSecond = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const rate = perSecond > 0 ? [`${formatSize(perSecond)}/s`] : [];
  if (total === undefined) return [label, formatSize(done), ...rate].join('  ');
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const secondsLeft = Math.ceil(Math.max(0, total - done) / perSecond);
  const left = perSecond > 0 ? [`${formatDuration(secondsLeft * 1000)} left`] : [];
  const parts = [label, bar, `${Math.floor(share * 100)}%`, `${formatSize(done)}/${formatSize(total)}`];
  return [...parts, ...rate, ...left].join('  ');
}
