import { expect, test } from 'vitest';
import type { Address, Author } from '../../../../src/domain/address.js';
import type { Persona } from '../../../../src/domain/persona.js';
import type { EffectiveSettings } from '../../../../src/domain/settings.js';
import type { ClaimedTurn } from '../../../../src/domain/turn.js';
import { briefFor } from '../../../../src/pipeline/answer/generate-reply.js';

const author = (id: string): Author => ({ key: `web/${id}`, name: id, id });
const persona: Persona = { name: 'assistant', description: '', system: { en: '', zh: '' } };
const settings: EffectiveSettings = {
  model: 'small',
  persona: 'assistant',
  language: 'auto',
  memory: 'channel',
  followThreads: false,
  sampling: {},
};

function sharedAmong(kind: Address['kind'], memory: EffectiveSettings['memory'], earlier: readonly string[]) {
  const turn: ClaimedTurn = {
    id: 9,
    conversationId: 1,
    attempt: 1,
    revision: 0,
    address: { platform: 'web', app: 'parley', workspace: '-', channel: 'c1', kind },
    author: author('ann'),
    text: 'And now?',
    quoted: null,
    target: { platform: 'web' },
    model: null,
    sampling: {},
    parts: [],
    acceptedAt: new Date(0),
    stopRequested: false,
    forgotten: false,
    kept: null,
  };
  const window = earlier.map((id, index) => ({
    id: index + 1,
    author: author(id),
    text: 'Hello',
    quoted: null,
    reply: 'Hi',
  }));
  return briefFor(turn, {
    memory: { window: async () => window },
    settingsAt: async () => ({ ...settings, memory }),
    personas: new Map(),
    defaultPersona: persona,
  }).then((brief) => brief.shared);
}

test('one person in a direct conversation is not named', async () => {
  expect(await sharedAmong('direct', 'channel', [])).toBe(false);
  expect(await sharedAmong('direct', 'channel', ['ann', 'ann'])).toBe(false);
});

test('several people in one conversation are told apart, whatever kind it is', async () => {
  expect(await sharedAmong('direct', 'channel', ['ann', 'bob'])).toBe(true);
});

test('in a channel with one memory everybody is named from the start', async () => {
  expect(await sharedAmong('channel', 'channel', [])).toBe(true);
  expect(await sharedAmong('channel', 'user', ['ann'])).toBe(false);
});
