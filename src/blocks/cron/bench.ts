/** What `ds cron bench` takes; loaded when it runs. */
export { fewestJobs, mostJobs } from './bench/jobs.js';
export { benchJson } from './bench/report.js';
export { type BenchPlan, type BenchProgress, type BenchResult, runBench } from './bench/run.js';
