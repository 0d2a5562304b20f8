/**
 * A header of ours beside Loki's push, `true`: where an entry is refused, none of the request is stored. Loki stores the others, and whoever
 * then looks for the bad one by halves sends those again. Loki does not know the header; it knows entries again that come twice.
 */
export const ALL_OR_NOTHING = 'x-ds-all-or-nothing';
