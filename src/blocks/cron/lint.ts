/** What of schedules and crontabs is probably not meant. */
export { type LineFinding, lintCrontab, lintExpression } from './lint/lint-lines.js';
