import process from 'node:process';
import { afterAll, expect, vi } from 'vitest';

// Run for every file of those that share a process: what one leaves behind, the next would start with.

/** Beyond these a process's listeners and resources are the runner's own. */
const EVENTS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit', 'warning', 'unhandledRejection', 'uncaughtException'];
const RESOURCES = ['TCPServerWrap', 'PipeServerWrap', 'ProcessWrap', 'FSEventWrap'];

const before = state();

afterAll(async () => {
  expect(vi.isFakeTimers(), 'fake timers are left').toBe(false);
  // A server that was told to close is gone a moment later.
  await vi.waitFor(() => expect(state(), 'left behind by this file').toEqual(before), { timeout: 5_000 });
});

function state(): object {
  const resources = process.getActiveResourcesInfo();
  return {
    folder: process.cwd(),
    environment: { ...process.env },
    listeners: Object.fromEntries(EVENTS.map((event) => [event, process.listenerCount(event)])),
    open: Object.fromEntries(
      RESOURCES.map((name) => [name, resources.filter((resource) => resource === name).length]),
    ),
  };
}
