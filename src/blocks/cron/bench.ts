/** What `ds cron bench` takes; loaded when it runs. */
export { planBench } from './bench/plan.js';
export { benchJson } from './bench/report.js';
export { type BenchPlan, type BenchProgress, type BenchResult, runBench } from './bench/run.js';
