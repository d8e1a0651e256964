import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Database } from '../../../../../src/storage/database/database.js';
import { PrismaSettingsStore } from '../../../../../src/storage/settings/settings-store.js';
import { openTestDatabase } from '../../../../fixtures/open-test-database.js';
import { openWeb } from '../open-web.js';

let database: Database;
let open: Awaited<ReturnType<typeof openWeb>>;
let path: string;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  open = await openWeb({ settings: new PrismaSettingsStore(database.prisma) });
  open.bot.models = ['small', 'large'].map((alias) => ({
    alias,
    description: '',
    runs: 'local',
    contextWindow: null,
    state: 'ready',
    isDefault: alias === 'small',
  }));
  path = `/api/conversations/${randomUUID()}/settings`;
});
afterEach(() => open.close());

const read = async (): Promise<unknown> => (await open.send('GET', path)).json();
const change = (changes: unknown) =>
  open.send('PATCH', path, {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(changes),
  });
const NOTHING = { model: null, persona: null, language: null, system_prompt: null, parameters: {} };

describe('the settings of a conversation', () => {
  test('are the defaults until something is set, in one that has not begun too', async () => {
    expect(await read()).toEqual({ conversation_id: path.split('/')[3], ...NOTHING });
  });

  test('are set one by one, and taken back', async () => {
    const all = {
      model: 'large',
      persona: 'pirate',
      language: 'zh',
      system_prompt: 'Answer in verse.\n',
      parameters: { temperature: 0, top_k: 3, stop: ['End'] },
    };
    const answered = await change({ ...all, parameters: { ...all.parameters, stop: 'End' } });
    expect(await answered.json()).toMatchObject(all);
    expect(await read()).toMatchObject(all);
    await change({ persona: null, parameters: { temperature: null, min_p: 0.5 } });
    const left = { ...all, persona: null, parameters: { top_k: 3, stop: ['End'], min_p: 0.5 } };
    expect(await read()).toMatchObject(left);
    expect(await (await change({})).json()).toMatchObject(left);
    await change({ parameters: null });
    expect(await read()).toMatchObject({ ...left, parameters: {} });
    await change({ model: null, language: null, system_prompt: '  \n' });
    expect(await read()).toMatchObject(NOTHING);
  });

  test('of one are not those of another', async () => {
    await change({ model: 'large' });
    path = `/api/conversations/${randomUUID()}/settings`;
    expect(await read()).toMatchObject(NOTHING);
  });

  test('go with the conversation, not with what was said in it', async () => {
    await change({ model: 'large', system_prompt: 'Be brief.' });
    await open.post(path.replace('settings', 'clear'), '');
    expect(await read()).toMatchObject({ model: 'large' });
    await open.send('DELETE', path.replace('/settings', ''));
    expect(await read()).toMatchObject(NOTHING);
  });

  test('take a system prompt of 8,000 characters', async () => {
    const longest = '😀'.repeat(4_000);
    expect(await (await change({ system_prompt: longest })).json()).toMatchObject({ system_prompt: longest });
  });

  test.each([
    ['an unknown model', { model: 'huge' }, 'model', 'must be one of small, large'],
    ['an unknown persona', { persona: 'nobody' }, 'persona', 'must be one of assistant, pirate'],
    ['an unknown language', { language: 'fr' }, 'language', 'must be one of auto, en, zh'],
    [
      'too long a prompt',
      { system_prompt: 'x'.repeat(8_001) },
      'system_prompt',
      'must be at most 8000 characters long',
    ],
    [
      'a prompt with a NUL',
      { system_prompt: 'a\0b' },
      'system_prompt',
      'must be well-formed Unicode without NUL characters',
    ],
    [
      'a prompt with half an emoji',
      { system_prompt: '\ud83d' },
      'system_prompt',
      'must be well-formed Unicode',
    ],
    ['a number for a prompt', { system_prompt: 7 }, 'system_prompt', 'must be text'],
    [
      'too high a temperature',
      { parameters: { temperature: 2.1 } },
      'parameters.temperature',
      'must be at most 2',
    ],
    ['half a top_k', { parameters: { top_k: 1.5 } }, 'parameters.top_k', 'must be a whole number'],
    [
      'an unknown parameter',
      { parameters: { topk: 1 } },
      'parameters.topk',
      'is not a field of this request',
    ],
    ['limits', { limits: { turns_per_minute: 0 } }, 'limits', 'is not a field of this request'],
  ])('%s is a 400 that says where, and changes nothing', async (_name, changes, field, message) => {
    const refused = await change({ ...changes });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: { code: 'invalid', message: expect.stringContaining(message), issues: [{ field }] },
    });
    expect(await read()).toMatchObject(NOTHING);
  });

  test('need an id as described', async () => {
    path = '/api/conversations/%00/settings';
    expect((await open.send('GET', path)).status).toBe(400);
    expect((await change({})).status).toBe(400);
  });
});
