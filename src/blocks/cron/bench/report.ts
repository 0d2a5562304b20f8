/** What a benchmark found, as `--json` and pipes have it. */
import type { LatencyPoint } from '../../../platform/load/latency-counts.js';
import type { BenchPlan, BenchResult } from './run.js';

/** The ledger tells whole milliseconds. */
const ms = (us: number) => Math.round(us / 1000);

export function benchJson(plan: BenchPlan, result: BenchResult) {
  return {
    place: result.place,
    action: plan.action,
    jobs: plan.jobs,
    workers: plan.workers,
    rate_per_s: plan.perSecond,
    duration_ms: plan.seconds * 1000,
    warmup_ms: plan.warmupMs,
    interrupted: result.interrupted,
    measured_ms: result.seconds.length * 1000,
    due: result.due,
    started: result.started,
    not_started: result.due - result.started,
    failed: result.failed,
    started_per_s: Number(result.startedPerSecond.toFixed(3)),
    ended_per_s: Number(result.endedPerSecond.toFixed(3)),
    ...(result.memoryBytes !== undefined && { memory_bytes: result.memoryBytes }),
    not_started_by: result.unstarted,
    lateness: pointJson(result.lateness),
    run_time: pointJson(result.duration),
    over_time: result.seconds.map(({ due, started, latestMs }) => ({ due, started, latest_ms: latestMs })),
  };
}

function pointJson({ p50Us, p90Us, p99Us, maxUs }: LatencyPoint) {
  return { p50_ms: ms(p50Us), p90_ms: ms(p90Us), p99_ms: ms(p99Us), max_ms: ms(maxUs) };
}
