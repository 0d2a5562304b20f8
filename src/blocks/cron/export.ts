/** Jobs for other schedulers: what they say is written, what would run otherwise there is left out, and all of it is told. */
export { type ExportForm, exportJobs } from './export/export-jobs.js';
