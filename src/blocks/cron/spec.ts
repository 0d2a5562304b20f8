/**
 * Jobs as people write them, in YAML, in the body of a request and by flags: one compact form of kebab-case keys, checked in one
 * place. What is not given has the default of spec/defaults.ts.
 *
 *     name: backup
 *     schedule: 30 2 * * *
 *     tz: Europe/Berlin
 *     command: pg_dump shop | gzip > /backup/shop.gz
 *     timeout: 1h
 *     retries: {most: 3, delay: 30s}
 *     after: {job: vacuum, on: any}
 *     notify: {on: [failure, recovery], webhook: https://alerts.example/cron}
 */
export { diffSpecs, type SpecChange } from './spec/diff.js';
export { readJobSpec, readPauseReason, type SpecDefaults } from './spec/read.js';
export { reviveJobSpec } from './spec/revive.js';
export { writeJobSpec } from './spec/write.js';
