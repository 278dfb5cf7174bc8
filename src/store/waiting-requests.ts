/** Paid requests without an answer; in the words of their index, or SQLite does not use it. */
export const WAITING_REQUESTS = "state in ('undelivered', 'failed') and paid = 1";
