/**
 * How long tests wait for what must come, in ms: a safety net, and no bound that means anything. What is promised
 * within a time is measured by itself.
 */
export const PATIENCE_MS = 100_000;
