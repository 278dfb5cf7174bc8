/** Paid requests without an answer; in the words of their index, or SQLite does not use it. */
export const WAITING_REQUESTS = "state in ('undelivered', 'failed') and paid = 1";

/** Requests that have not ended, be they paid or not; in the words of their index, as above. */
export const OPEN_REQUESTS = "state in ('quoted', 'paying', 'paid', 'running', 'undelivered')";
