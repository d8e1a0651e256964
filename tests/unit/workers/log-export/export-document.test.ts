import { expect, test } from 'vitest';
import { exportDocument, pseudonymBy } from '../../../../workers/log-export/export-document.js';
import { finishedTurn } from '../../../doubles/finished-turn.js';

test('a document holds the conversation, the time, the messages, the parameters and the usage', () => {
  expect(exportDocument(finishedTurn(), null)).toEqual({
    type: 'turn',
    turn_id: 7,
    revision: 0,
    conversation_id: '3',
    timestamp: '2026-01-02T03:04:09.000Z',
    accepted_at: '2026-01-02T03:04:05.000Z',
    platform: 'discord',
    user: { id: 'discord/42', name: 'Ann Example' },
    place: { workspace: '100', channel: '200', thread: null },
    state: 'done',
    messages: [
      { role: 'user', content: 'What is 2 + 2?' },
      { role: 'assistant', content: 'Four. 四' },
    ],
    model: 'small',
    parameters: {
      temperature: 0.7,
      top_k: 40,
      top_p: 0.95,
      min_p: 0.05,
      repeat_penalty: 1.1,
      max_tokens: 1024,
      seed: 5,
      stop: [],
    },
    finish_reason: 'stop',
    usage: { prompt_tokens: 30, cached_tokens: 10, completion_tokens: 4, total_tokens: 34 },
    time_to_first_token_ms: 120.5,
    tokens_per_second: 33,
  });
});

test('a turn that failed says why and has no assistant message', () => {
  const turn = finishedTurn({
    state: 'failed',
    failureKind: 'provider-unavailable',
    reply: '',
    model: null,
    sampling: null,
    finishReason: null,
  });
  expect(exportDocument(turn, null)).toMatchObject({
    state: 'failed',
    failure: 'provider-unavailable',
    messages: [{ role: 'user', content: 'What is 2 + 2?' }],
    model: null,
    parameters: null,
  });
});

test('with names hidden, nothing that names a person is left, and a person stays the same person', () => {
  const quoted = { author: 'Bob Example', text: 'a quote' };
  const hide = pseudonymBy('key');
  const first = JSON.stringify(exportDocument(finishedTurn({ quoted }), hide));
  for (const name of ['Ann Example', 'Bob Example', 'discord/42', '"200"', '"100"']) {
    expect(first).not.toContain(name);
  }
  expect(first).toContain('a quote');
  expect(first).toContain(hide('discord/42'));
  expect(hide('discord/42')).toMatch(/^[0-9a-f]{32}$/);
  expect(hide('discord/43')).not.toBe(hide('discord/42'));
  expect(pseudonymBy('another key')('discord/42')).not.toBe(hide('discord/42'));
});

test('with names shown, a quote says whose it is', () => {
  const quoted = { author: 'Bob Example', text: 'a quote' };
  expect(exportDocument(finishedTurn({ quoted }), null)).toMatchObject({
    messages: [{ quoted: { name: 'Bob Example', content: 'a quote' } }, {}],
  });
});
