/** What a load run found, as a terminal, a pipe and `--json` get it. */
import type { Color } from '../colors.js';
import type { AnswerClass, Driver } from '../load/driver.js';
import { failureKinds } from '../load/driver.js';
import { type Histogram, reportedPercentiles } from '../load/hdr.js';
import type { LoadPlan, LoadResult } from '../load/run.js';
import { escapeForTerminal } from '../terminal-safety.js';
import { formatDuration, formatSize } from '../units.js';
import type { Output } from './output.js';
import { renderPlot } from './plot.js';
import { type Bar, renderBars } from './plot-bars.js';
import type { Column } from './table.js';

export interface LoadReport {
  readonly plan: LoadPlan;
  readonly driver: Driver;
  readonly result: LoadResult;
  /** Numbers that the command adds, by their names: `lines_per_s`. */
  readonly facts?: Readonly<Record<string, number>> | undefined;
}

/** A span that is shorter says little of a rate, milliseconds. */
const SHORTEST_SPAN_MS = 500;
const PLOT_ROWS = 7;

const toneColors: Readonly<Record<AnswerClass['tone'], Color>> = { good: 'green', attention: 'yellow', wrong: 'red' };

/** Per second, over what was measured. */
export function answeredPerSecond({ answered, elapsedMs }: Pick<LoadResult, 'answered' | 'elapsedMs'>): number {
  return elapsedMs === 0 ? 0 : (answered / elapsedMs) * 1000;
}

const ms = (us: number) => Math.round(us) / 1000;

/** The document of `--json`; commands describe it. */
export function loadDocument({ plan, driver, result, facts }: LoadReport) {
  const { schedule } = plan;
  return {
    target: driver.target,
    loop: schedule.kind,
    ...(schedule.kind === 'open' && { rate_per_s: (schedule.rate.count / schedule.rate.perMs) * 1000 }),
    connections: plan.connections,
    pipeline: driver.pipeline,
    duration_ms: plan.durationMs,
    warmup_ms: plan.warmupMs,
    timeout_ms: plan.timeoutMs,
    interrupted: result.interrupted,
    elapsed_ms: Number(result.elapsedMs.toFixed(3)),
    answered_per_s: Number(answeredPerSecond(result).toFixed(3)),
    ...facts,
    sent: result.sent,
    answered: result.answered,
    failed: result.failed,
    unsent: result.unsent,
    unfinished: result.unfinished,
    warmup_requests: result.warmup,
    sent_bytes: result.sentBytes,
    received_bytes: result.receivedBytes,
    answers: Object.fromEntries(answersOf(driver, result)),
    failures: Object.fromEntries(failuresOf(result)),
    messages: Object.fromEntries(messagesOf(driver, result)),
    latency: {
      ...(result.corrected !== undefined && { corrected: latencyRecord(result.corrected) }),
      uncorrected: latencyRecord(result.uncorrected),
    },
    over_time: result.spans.map((span) => ({
      from_ms: span.fromMs,
      length_ms: Number(span.lengthMs.toFixed(3)),
      answered: span.answered,
      failed: span.failed,
      answers: Object.fromEntries(
        driver.classes.map(({ name }, i) => [name, span.classes[i] ?? 0]).filter(([, count]) => count !== 0),
      ),
      p50_ms: ms(span.p50Us),
      p90_ms: ms(span.p90Us),
      p99_ms: ms(span.p99Us),
      max_ms: ms(span.maxUs),
    })),
  };
}

function latencyRecord({ summary }: Histogram) {
  return {
    count: summary.count,
    min_ms: ms(summary.minUs),
    mean_ms: ms(summary.meanUs),
    ...Object.fromEntries(reportedPercentiles.map((p, i) => [`p${p}_ms`, ms(summary.percentilesUs[i] ?? 0)])),
    max_ms: ms(summary.maxUs),
  };
}

function answersOf(driver: Driver, { codes }: LoadResult): [name: string, count: number][] {
  return [...codes].map(([code, count]) => [driver.label(code), count]);
}

function failuresOf({ failures }: LoadResult): [name: string, count: number][] {
  return failureKinds.filter((kind) => failures[kind] > 0).map((kind) => [kind, failures[kind]]);
}

/** The first message of each kind of failure, and of an answer that was an error. */
function messagesOf({ firstError }: Driver, { messages }: LoadResult): [name: string, text: string][] {
  return [...messages, ...(firstError === undefined ? [] : [['error', firstError] as [string, string]])];
}

/** One fact a line: a name, or two, and the value, between tabs. */
export function showInPipe(out: Output, report: LoadReport): void {
  const { answers, failures, messages, latency, over_time, ...facts } = loadDocument(report);
  for (const [name, value] of Object.entries(facts)) out.line(`${name}\t${value}`);
  for (const [name, count] of Object.entries(answers)) out.line(`answer\t${name}\t${count}`);
  for (const [name, count] of Object.entries(failures)) out.line(`failure\t${name}\t${count}`);
  for (const [name, text] of Object.entries(messages)) out.line(`message\t${name}\t${text.replace(/[\t\r\n]/g, ' ')}`);
  for (const [kind, record] of Object.entries(latency)) {
    for (const [name, value] of Object.entries(record)) out.line(`${kind}\t${name}\t${value}`);
  }
}

interface Screen {
  readonly out: Output;
  readonly unicode: boolean;
}

export function showOnTerminal(screen: Screen, report: LoadReport): void {
  const { out, unicode } = screen;
  const { result, driver } = report;
  showVerdict(out, report);
  if (result.answered > 0) {
    out.line('');
    out.table(latencyColumns(unicode), latencyRows(result));
  }
  const bars = [...answerBars(driver, result), ...failureBars(result)];
  const options = { width: Math.min(out.width, 100), unicode, paint: out.paintStdout };
  if (bars.length > 0) section(out, '', renderBars(bars, options));
  for (const [name, text] of messagesOf(driver, result)) out.styled(['dim', `first ${name}: `], text);
  if (result.answered === 0) return;
  const shown = result.corrected ?? result.uncorrected;
  const title = result.corrected === undefined ? 'latency' : 'latency from the intended start';
  section(out, title, renderBars(distribution(shown, unicode), options));
  const spans = result.spans.filter(({ lengthMs }) => lengthMs >= SHORTEST_SPAN_MS);
  if (spans.length >= 3) section(out, 'per second', ratePlot(report, options));
}

/** `text` has been made safe: it is drawn, not said by somebody. */
function section(out: Output, title: string, text: string): void {
  out.line('');
  if (title !== '') out.line(title, 'bold');
  out.drawing(text);
}

function showVerdict(out: Output, { plan, driver, result, facts = {} }: LoadReport): void {
  const rate = answeredPerSecond(result);
  const { answered, failed, unsent, unfinished } = result;
  const good = [...result.codes.keys()].every((code) => driver.classes[driver.classOf(code)]?.tone === 'good');
  const bad = !good || failed + unsent > 0;
  const parts = [
    `${grouped(answered)} answered in ${formatDuration(Math.round(result.elapsedMs))}`,
    `${grouped(failed)} failed`,
    `${formatSize(result.receivedBytes)} received`,
  ];
  out.styled([bad ? 'yellow' : 'green', `${grouped(rate, 1)}/s`], `  ${parts.join(', ')}`);
  const more = Object.entries(facts).map(([name, value]) => `${grouped(value)} ${name.replace('_per_s', '/s')}`);
  if (more.length > 0) out.line(more.join(', '), 'bold');
  const { schedule } = plan;
  const how =
    schedule.kind === 'open'
      ? `${grouped((schedule.rate.count / schedule.rate.perMs) * 1000, 3)}/s for ${formatDuration(plan.durationMs)}`
      : `as fast as answers come, for ${formatDuration(plan.durationMs)}`;
  const pipeline = driver.pipeline > 1 ? `, ${driver.pipeline} under way on each` : '';
  out.styled(['dim', `${driver.target}  ${how}, ${grouped(plan.connections)} connections${pipeline}`]);
  if (unsent > 0) {
    out.styled(
      ['yellow', `${grouped(unsent)} were due and never sent: every connection was busy`],
      '  try more --connections',
    );
  }
  if (unfinished > 0) out.styled(['yellow', `${grouped(unfinished)} were under way when the run was interrupted`]);
}

interface LatencyRow {
  readonly name: string;
  readonly histogram: Histogram;
}

function latencyRows({ corrected, uncorrected }: LoadResult): LatencyRow[] {
  if (corrected === undefined) return [{ name: 'from the send', histogram: uncorrected }];
  return [
    { name: 'from the intended start', histogram: corrected },
    { name: 'from the real start', histogram: uncorrected },
  ];
}

function latencyColumns(unicode: boolean): Column<LatencyRow>[] {
  const show = (us: number) => formatLatency(us, unicode);
  return [
    { header: 'latency', value: ({ name }) => name },
    { header: 'min', value: ({ histogram }) => show(histogram.summary.minUs), align: 'right', optional: true },
    { header: 'mean', value: ({ histogram }) => show(histogram.summary.meanUs), align: 'right', optional: true },
    ...reportedPercentiles.map(
      (percentile, i): Column<LatencyRow> => ({
        header: `p${percentile}`,
        value: ({ histogram }) => show(histogram.summary.percentilesUs[i] ?? 0),
        align: 'right',
        keep: percentile === 50 || percentile === 99,
        optional: percentile === 75 || percentile === 99.99,
      }),
    ),
    { header: 'max', value: ({ histogram }) => show(histogram.summary.maxUs), align: 'right', keep: true },
  ];
}

/** `87 µs`, `1.25 ms`, `12.3 s`. */
export function formatLatency(us: number, unicode: boolean): string {
  if (us < 1000) return `${Math.round(us)} ${unicode ? 'µs' : 'us'}`;
  const [value, unit] = us < 1e6 ? [us / 1000, 'ms'] : [us / 1e6, 's'];
  return `${Number(value.toPrecision(3))} ${unit}`;
}

function answerBars(driver: Driver, result: LoadResult): Bar[] {
  return [...result.codes].map(([code, value]) => {
    const tone = driver.classes[driver.classOf(code)]?.tone ?? 'wrong';
    return { label: escapeForTerminal(driver.label(code)), value, color: toneColors[tone] };
  });
}

function failureBars(result: LoadResult): Bar[] {
  return failuresOf(result).map(([label, value]) => ({ label, value, color: 'red' }));
}

/** Answers by latency, between steps of 1, 2, 5. */
function distribution({ counts, summary }: Histogram, unicode: boolean): Bar[] {
  const steps = [...Array(10).keys()].flatMap((power) => [1, 2, 5].map((factor) => factor * 10 ** power));
  const from = Math.max(0, steps.findIndex((step) => step > summary.minUs) - 1);
  const upTo = steps.findIndex((step) => step > summary.maxUs);
  const bounds = steps.slice(from + 1, upTo === -1 ? undefined : upTo + 1);
  const values = bounds.map(() => 0);
  counts.forEach((us, count) => {
    const found = bounds.findIndex((bound) => us < bound);
    const index = found === -1 ? bounds.length - 1 : found;
    values[index] = (values[index] ?? 0) + count;
  });
  return bounds.map((bound, i) => ({ label: `< ${formatLatency(bound, unicode)}`, value: values[i] ?? 0 }));
}

type PlotStyle = { readonly width: number; readonly unicode: boolean; readonly paint: Output['paintStdout'] };

function ratePlot({ driver, result }: LoadReport, style: PlotStyle): string {
  const spans = result.spans.filter(({ lengthMs }) => lengthMs >= SHORTEST_SPAN_MS);
  const line = (of: (span: (typeof spans)[number]) => number) =>
    spans.map((span) => [(span.fromMs + span.lengthMs / 2) / 1000, (of(span) / span.lengthMs) * 1000] as const);
  const answers = driver.classes.map(({ name, tone }, i) => {
    return { label: name, color: toneColors[tone], points: line((span) => span.classes[i] ?? 0) };
  });
  const failed = { label: 'failed', color: 'red' as const, points: line((span) => span.failed) };
  const series = [...answers, failed].filter(({ points }) => points.some(([, rate]) => rate > 0));
  const formatX = (second: number) => `${Number(second.toFixed(1))} s`;
  return renderPlot(series, { ...style, height: PLOT_ROWS, fromX: 0, toX: result.elapsedMs / 1000, formatX });
}

function grouped(value: number, digits = 0): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: digits });
}
