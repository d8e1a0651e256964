/** What a page did for a while. Times in ms. */
export interface Frames {
  /** From one frame to the next. */
  readonly intervals: readonly number[];
  /** Tasks of the main thread over 50 ms, by the clock. */
  readonly longTasks: readonly number[];
}

/** A script for the page: begins to count, until `window.endFrames()` ends it and returns `Frames`. */
export const COUNT_FRAMES = `(() => {
  const intervals = [];
  const longTasks = [];
  let before = null;
  let going = true;
  const observer = new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration);
  });
  observer.observe({ type: 'longtask' });
  const step = (now) => {
    if (before !== null) intervals.push(now - before);
    before = now;
    if (going) requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
  window.endFrames = () => {
    going = false;
    observer.disconnect();
    return { intervals, longTasks };
  };
})()`;
