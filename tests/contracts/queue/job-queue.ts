import { describe } from 'vitest';
import { describeFailures } from './job-queue-failures.js';
import { describeHandling } from './job-queue-handling.js';
import { describeOutages } from './job-queue-outages.js';
import { type JobQueueHarness, openJobQueueSetting } from './job-queue-setting.js';
import { describeStopping } from './job-queue-stopping.js';

/** What every job queue does, wherever it keeps its jobs. */
export function describeJobQueue(place: string, open: () => Promise<JobQueueHarness>): void {
  describe(`a job queue on ${place}`, () => {
    const setting = openJobQueueSetting(place, open);
    describeHandling(setting);
    describeFailures(setting);
    describeStopping(setting);
    describeOutages(setting);
  });
}
