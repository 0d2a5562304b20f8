/** Spinner and progress bar on stderr. ora is loaded only when something is really shown. */
import { formatDuration } from '../units.js';

export interface Spinner {
  text(text: string): void;
  /** Ends it and leaves one final line; without a text nothing is left. */
  stop(text?: string): void;
}

export interface Progress {
  /** So much is done in all. */
  update(done: number): void;
  stop(text?: string): void;
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

export async function startProgress(label: string, total: number, shown: boolean): Promise<Progress> {
  const spinner = await startSpinner(label, shown);
  const startedAt = performance.now();
  return {
    update: (done) => spinner.text(progressText(label, done, total, performance.now() - startedAt)),
    stop: (final) => spinner.stop(final),
  };
}

const BAR_WIDTH = 20;

/** `audit  ████████░░░░░░░░░░░░  40%  4,000/10,000  2,000/s  3s left`. */
function progressText(label: string, done: number, total: number, elapsedMs: number): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
  const count = `${done.toLocaleString('en-US')}/${total.toLocaleString('en-US')}`;
  const parts = [label, bar, `${Math.floor(share * 100)}%`, count];
  if (elapsedMs > 0 && done > 0) {
    const perSecond = (done / elapsedMs) * 1000;
    parts.push(`${Math.round(perSecond).toLocaleString('en-US')}/s`);
    const leftSeconds = Math.ceil(Math.max(0, total - done) / perSecond);
    parts.push(`${formatDuration(leftSeconds * 1000)} left`);
  }
  return parts.join('  ');
}
