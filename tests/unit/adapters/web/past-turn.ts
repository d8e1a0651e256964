import type { HistoryTurn } from '../../../../src/ports/memory/history-reader.js';

/** A turn that was answered, as reading a conversation shows it. */
export const pastTurn = (id: number, changes: Partial<HistoryTurn> = {}): HistoryTurn => ({
  id,
  state: 'done',
  author: { key: 'web/ann', name: 'ann', id: 'ann' },
  text: `question ${id}`,
  quoted: null,
  reply: `answer ${id}`,
  model: 'small',
  persona: 'assistant',
  finishReason: 'stop',
  timeToFirstTokenMs: 120,
  tokensPerSecond: 30,
  vote: null,
  usage: { prompt: 3, cached: 1, reply: 2 },
  failure: null,
  acceptedAt: new Date('2026-01-01T00:00:00Z'),
  finishedAt: new Date('2026-01-01T00:00:02Z'),
  ...changes,
});
