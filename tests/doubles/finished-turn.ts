import { DEFAULT_SAMPLING } from '../../src/domain/sampling.js';
import type { FinishedTurn } from '../../src/ports/turns/turn-exports.js';

/** A turn that was answered. */
export function finishedTurn(over: Partial<FinishedTurn> = {}): FinishedTurn {
  return {
    id: 7,
    revision: 0,
    conversationId: 3,
    platform: 'discord',
    workspace: '100',
    channel: '200',
    thread: null,
    author: { key: 'discord/42', id: '42', name: 'Ann Example' },
    text: 'What is 2 + 2?',
    quoted: null,
    state: 'done',
    reply: 'Four. 四',
    model: 'small',
    sampling: { ...DEFAULT_SAMPLING, seed: 5 },
    finishReason: 'stop',
    failureKind: null,
    usage: { prompt: 30, cached: 10, reply: 4 },
    timeToFirstTokenMs: 120.5,
    tokensPerSecond: 33,
    acceptedAt: new Date('2026-01-02T03:04:05.000Z'),
    finishedAt: new Date('2026-01-02T03:04:09.000Z'),
    ...over,
  };
}
