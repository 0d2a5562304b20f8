/** What commands say of logs: entries, numbers, fields, histograms. */
export { contextText } from './report/context-text.js';
export { entryJson, entryText, entryTexts } from './report/entry-text.js';
export { FieldCounter } from './report/fields.js';
export { Histogram, stepFor } from './report/histogram.js';
export { histogramJson, histogramRows, renderHistogram } from './report/histogram-text.js';
export { drawnSeries, metricJson, metricRows, numberText } from './report/metric.js';
export { eventText, shippedText, TIME_TEXTS, waitingText, wayText } from './report/ship-text.js';
export { lagText, rounded, statusNotes, statusRecords } from './report/status-text.js';
