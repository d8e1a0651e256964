import { expect, onTestFinished, test } from 'vitest';
import { queueBoard } from '../../../src/queue/queue-board.js';
import { redisBackend } from '../../../src/queue/redis-backend.js';
import { RecordedLog } from '../../doubles/recorders/recorded-log.js';

test('where the queue is out of reach the page comes all the same, and says so as a failure to be tried again', async () => {
  const log = new RecordedLog();
  const backend = redisBackend('redis://127.0.0.1:1', log);
  const board = queueBoard({ basePath: '/board', names: () => ['wake-ups'], backend, log });
  onTestFinished(async () => {
    await board.stop();
    await backend.stop();
  });
  const page = await board.fetch(new Request('http://localhost/board'));
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('<base href="/board/"');
  await expect(board.fetch(new Request('http://localhost/board/api/queues'))).rejects.toMatchObject({
    kind: 'setup',
    retryable: true,
    message: expect.stringContaining('cannot show the queue wake-ups'),
  });
});
