/**
 * A header of ours beside _bulk, `true`: the object `labels` of each document is the labels of its stream, and all else but message and time is
 * metadata. Others mean by `labels` what may have as many values as there are documents.
 */
export const STREAM_LABELS = 'x-ds-stream-labels';
