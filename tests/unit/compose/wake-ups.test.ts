import { expect, test } from 'vitest';
import type { Queues } from '../../../src/compose/queue.js';
import { composeWakeUps } from '../../../src/compose/wake-ups.js';
import type { ModelRoutes } from '../../../src/ports/fleet/model-routes.js';

/** Queues that tell what is added to which. */
function recordingQueues() {
  const added: string[] = [];
  const open: Queues['open'] = (name) => ({
    add: async (payload) => void added.push(`${name} ${JSON.stringify(payload)}`),
    work: () => ({ stop: async () => {} }),
    depth: async () => 0,
    stop: async () => {},
  });
  return { added, queue: { open } };
}

/** `large` is answered by those who serve `small`, `gone` and `off` by nobody. */
const routes: ModelRoutes = {
  aliases: ['small', 'large', 'gone', 'off'],
  has: (alias) => ['small', 'large', 'gone', 'off'].includes(alias),
  isServed: (alias) => alias === 'small',
  routeOf: (alias) => (alias === 'small' || alias === 'large' ? 'small' : null),
  isGone: (alias) => alias === 'gone',
};

test('outside a fleet there is one queue', async () => {
  const { added, queue } = recordingQueues();
  const wakeUps = composeWakeUps(queue, null);
  await wakeUps.add({ conversationId: 1, alias: 'small' });
  await wakeUps.add({ conversationId: 2 });
  expect(added).toEqual(['wake-ups {"conversationId":1}', 'wake-ups {"conversationId":2}']);
  expect(wakeUps.servedBy(new Set())).toEqual([wakeUps.general]);
});

test.each([
  ['the model’s own', 'small', 'wake-ups-small'],
  ['that of the fallback that answers', 'large', 'wake-ups-small'],
  ['the model’s own while its workers are away, to wait there', 'off', 'wake-ups-off'],
  ['the general one, once they are gone', 'gone', 'wake-ups'],
  ['the general one, where there is no such model', 'other', 'wake-ups'],
  ['the general one, where the model is not known', undefined, 'wake-ups'],
])('in a fleet a wake-up goes to %s', async (_which, alias, name) => {
  const { added, queue } = recordingQueues();
  await composeWakeUps(queue, routes).add({
    conversationId: 7,
    ...(alias === undefined ? {} : { alias }),
  });
  expect(added).toEqual([`${name} {"conversationId":7}`]);
});

test('a worker consumes the general queue and those of what it serves', async () => {
  const { added, queue } = recordingQueues();
  const consumed = composeWakeUps(queue, routes).servedBy(new Set(['small', 'auto']));
  for (const jobs of consumed) await jobs.add({ conversationId: 1 });
  expect(added.map((line) => line.split(' ')[0])).toEqual(['wake-ups', 'wake-ups-small', 'wake-ups-auto']);
});
