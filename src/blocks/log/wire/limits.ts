/** Bounds on what senders may put into one entry, one stream, one request. Those with a name of Loki's have its default, or are wider. */

/** Bytes of a line (Loki: max_line_size). Longer ones are refused, each by itself, never cut. */
export const LONGEST_LINE = 256 * 1024;
/** Labels of a stream; Loki's max_label_names_per_series is 15. */
export const MOST_LABELS = 30;
/** Characters (Loki: max_label_name_length). */
export const LONGEST_NAME = 1024;
/** Characters (Loki: max_label_value_length). */
export const LONGEST_VALUE = 2048;
/** Characters of all names and values of a stream: they are kept in memory, of each stream. */
export const LARGEST_STREAM = 8 * 1024;
/** Pairs of one entry (Loki: max_structured_metadata_entries_count). */
export const MOST_METADATA = 128;
/** Characters, names and values together (Loki: max_structured_metadata_size, 64 KB). */
export const LARGEST_METADATA = 64 * 1024;
/**
 * The same of all entries of a request, 16 characters for each pair included: OTLP's attributes of a resource are those of each of its records,
 * which makes it more than the body.
 */
export const LARGEST_METADATA_TOTAL = 64 * 1024 * 1024;
/** Entries of one request, those that are refused included: 30 KB of gzip could be 16 million empty ones. Shippers send some thousands. */
export const MOST_ENTRIES = 200_000;
/** Messages within one another or beside, of a body in protobuf: entries, attributes, values. JSON's objects have the same bound. */
export const MOST_MESSAGES = 1_000_000;
/** Streams in one request. */
export const MOST_STREAMS = 10_000;
/** Objects within objects, in attributes and documents. */
export const DEEPEST = 32;
/** Bytes of a body once it is unpacked. */
export const LARGEST_UNPACKED = 32 * 1024 * 1024;
