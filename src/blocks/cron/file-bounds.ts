/** How long files of jobs may be: longer ones are refused, and commands read no more of them. */

/** Of a crontab. Bytes. */
export const MOST_CRONTAB_BYTES = 4 * 1024 * 1024;
/** Of YAML or JSON; what may be either is read so far. Bytes. */
export const MOST_JOBS_BYTES = 16 * 1024 * 1024;
