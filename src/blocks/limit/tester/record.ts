/** The report as commands tell it: facts for people and pipes, a document for programs. */
import type { Interval } from './finding.js';
import type { TestReport } from './report.js';
import { describe, familyName, sayInterval, sayMs } from './words.js';

const isStep = (family: string) => family === 'bucket' || family === 'queue';

/** The first one answers. */
export function factsOf(report: TestReport): [name: string, value: string][] {
  const { finding, declared, rivals } = report;
  const facts: [string, string][] = [];
  if (finding === undefined) facts.push(['limit', `none found: ${report.summary}`]);
  else {
    facts.push(['limit', `${describe(finding)}: ${familyName(finding.family)}, confidence ${report.confidence}`]);
    facts.push([isStep(finding.family) ? 'at once' : 'requests', sayInterval(finding.limit)]);
    if (finding.periodMs !== undefined) {
      facts.push([isStep(finding.family) ? 'one per' : 'window', sayInterval(finding.periodMs, sayMs)]);
    }
    if (finding.onWallClock !== undefined) facts.push(['on wall clock', finding.onWallClock ? 'yes' : 'no']);
    if (finding.countsRefused === true) facts.push(['counts refused', 'yes: asking while refused prolongs it']);
    if (report.limitOfOurs !== undefined) facts.push(['algorithm', report.limitOfOurs.algorithm]);
    facts.push(['unexplained', `${report.mispredicted} of ${report.requests} requests`]);
    const told = rivals.filter(({ mispredicted }) => Number.isFinite(mispredicted));
    for (const { family, mispredicted } of told) {
      facts.push([
        'else',
        `${familyName(family)}: ${mispredicted >= ASIDE ? 'at least ' : ''}${mispredicted} unexplained`,
      ]);
    }
    if (report.summary !== '') facts.push(['note', report.summary]);
  }
  if (declared !== undefined) {
    const window = declared.windowMs === undefined ? '' : ` per ${sayMs(declared.windowMs)}`;
    const verdict = report.agrees === undefined ? '' : report.agrees ? ', as found' : ', which is not what it does';
    facts.push(['declared', `${declared.limit}${window}${verdict}`]);
  }
  for (const [how, count] of Object.entries(report.refusals)) facts.push(['refused with', `${how} (${count})`]);
  for (const { by, counted } of report.scope) facts.push(['counted', `${counted} by ${by}`]);
  for (const note of report.notes) facts.push(['note', note]);
  if (report.cutShort !== undefined) facts.push(['cut short', report.cutShort]);
  facts.push(['spent', `${report.requests} requests, ${report.bytes} bytes, ${sayMs(report.durationMs)}`]);
  return facts;
}

/** Hypotheses are not followed further than this: mispredicted requests. */
const ASIDE = 3;

const interval = ({ value, low, high }: Interval) => ({
  value: round(value),
  low: round(low),
  ...(Number.isFinite(high) ? { high: round(high) } : {}),
});
const round = (value: number) => Number(value.toPrecision(7));

export function toRecord(report: TestReport) {
  const { finding, declared, limitOfOurs } = report;
  return {
    url: report.url,
    found: finding !== undefined,
    ...(finding === undefined
      ? { summary: report.summary }
      : {
          family: finding.family,
          says: describe(finding),
          ...(limitOfOurs === undefined ? {} : { algorithm: limitOfOurs.algorithm }),
          limit: interval(finding.limit),
          ...(finding.periodMs === undefined
            ? {}
            : { [isStep(finding.family) ? 'interval_ms' : 'window_ms']: interval(finding.periodMs) }),
          ...(finding.onWallClock === undefined ? {} : { on_wall_clock: finding.onWallClock }),
          ...(finding.countsRefused === undefined ? {} : { counts_refused: finding.countsRefused }),
          ...(finding.unbounded === undefined ? {} : { unbounded: finding.unbounded }),
          mispredicted: report.mispredicted,
          rivals: report.rivals.filter(({ mispredicted }) => Number.isFinite(mispredicted)),
        }),
    confidence: report.confidence,
    ...(report.cutShort === undefined ? {} : { cut_short: report.cutShort }),
    ...(declared === undefined
      ? {}
      : {
          declared: {
            form: declared.form,
            limit: declared.limit,
            ...(declared.windowMs === undefined ? {} : { window_ms: declared.windowMs }),
            ...(report.agrees === undefined ? {} : { agrees: report.agrees }),
          },
        }),
    refusals: report.refusals,
    scope: report.scope,
    notes: report.notes,
    requests: report.requests,
    bytes: report.bytes,
    duration_ms: Math.round(report.durationMs),
    jitter_ms: round(report.jitterMs),
    run: report.run.map(({ atS, latencyMs, accepted }) => {
      return { at_ms: round(atS * 1000), latency_ms: round(latencyMs), accepted };
    }),
  };
}
