import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { addressKey } from '../../../../../src/domain/address.js';
import { openWeb } from '../open-web.js';
import { pastTurn } from '../past-turn.js';
import { reply } from '../scripted-bot.js';

let open: Awaited<ReturnType<typeof openWeb>>;
beforeEach(async () => {
  open = await openWeb();
  open.bot.onAccepted = (turn) => turn.end(reply('.'));
  await open.post('/api/question', { question: 'Why?', user_id: 'ann', conversation_id: 'c1' });
});
afterEach(() => open.close());

const download = (query = '') => open.send('GET', `/api/conversations/c1/export${query}`);
const markdown = async () => (await download('?format=markdown')).text();

function named(title: string | null): void {
  const key = addressKey({ platform: 'web', app: 'parley', workspace: '-', channel: 'c1', kind: 'direct' });
  const at = new Date('2026-01-01T00:00:00Z');
  open.bot.listed.set(key, {
    channel: 'c1',
    title,
    firstQuestion: 'Why?',
    turns: 1,
    createdAt: at,
    updatedAt: at,
  });
}

describe('a conversation is exported', () => {
  test('as JSON, with all that reading it shows', async () => {
    named('Bees');
    open.bot.history = [pastTurn(1), pastTurn(2, { vote: { vote: 1, comment: 'Just so.' } })];
    const file = await download('?user_id=ann');
    expect(file.headers.get('content-type')).toBe('application/json');
    const body = (await file.json()) as { turns: unknown };
    const read = (await (await open.send('GET', '/api/conversations/c1?user_id=ann')).json()) as {
      turns: unknown;
    };
    expect(body).toEqual({
      conversation_id: 'c1',
      title: 'Bees',
      exported_at: new Date(open.clock.now()).toISOString(),
      whole: true,
      turns: read.turns,
    });
  });

  test('as Markdown', async () => {
    named('Bees');
    open.bot.history = [
      pastTurn(1, { text: 'Why?\r\nSo?', quoted: { author: 'Bo', text: 'Because.' } }),
      pastTurn(2, { state: 'failed', failure: { kind: 'empty-answer', notice: 'Nothing came.' } }),
      pastTurn(3, { state: 'cancelled' }),
      pastTurn(4, { state: 'pending', vote: { vote: -1, comment: 'Slow.' } }),
    ];
    expect(await markdown()).toBe(
      `# Bees

Exported from Parley, ${new Date(open.clock.now()).toISOString().slice(0, 16).replace('T', ' ')} UTC.

---

**ann**, 2026-01-01 00:00 UTC

> > Bo: Because.

> Why?
> So?

**small, as assistant**

answer 1

---

**ann**, 2026-01-01 00:00 UTC

> question 2

*Nothing came.*

---

**ann**, 2026-01-01 00:00 UTC

> question 3

*Stopped before there was an answer.*

---

**ann**, 2026-01-01 00:00 UTC

> question 4

*Not answered yet.*

👎 Slow.
`,
    );
  });

  test('so that no name, title, question or open code block reaches beyond its place', async () => {
    named('# <b>\n*Bees*');
    const author = { key: 'web/x', name: '**Ann** <i>', id: 'x' };
    open.bot.history = [pastTurn(1, { author, text: '```\n# no end', reply: '```js\nlet x' }), pastTurn(2)];
    const text = await markdown();
    expect(text).toContain('# \\# \\<b\\> \\*Bees\\*\n');
    expect(text).toContain('**\\*\\*Ann\\*\\* \\<i\\>**');
    expect(text).toContain('> ```\n> # no end\n');
    expect(text).toContain('```js\nlet x\n```\n\n---\n');
  });

  test('with nothing in it where all was forgotten', async () => {
    expect(await (await download()).json()).toMatchObject({ title: null, turns: [], whole: true });
    expect(await markdown()).toMatch(/^# Conversation\n/);
  });

  test('in the newest 10,000 turns, and says what is left out', async () => {
    open.bot.history = Array.from({ length: 10_001 }, (_, index) => pastTurn(index + 1));
    const body = (await (await download()).json()) as { whole: boolean; turns: { turn_id: number }[] };
    expect(body.whole).toBe(false);
    expect([body.turns.length, body.turns[0]?.turn_id, body.turns.at(-1)?.turn_id]).toEqual([
      10_000, 2, 10_001,
    ]);
    expect(await markdown()).toContain('Earlier turns are left out.');
  });

  test('broken off, where the database goes away meanwhile', async () => {
    open.bot.history = [pastTurn(1)];
    const { historyReader } = open.bot;
    const { walk } = historyReader;
    Object.assign(historyReader, {
      walk: async (...asked: Parameters<typeof walk>) => {
        const whole = await walk(...asked);
        return {
          isWhole: true,
          turns: (async function* () {
            yield* whole?.turns ?? [];
            throw new Error('the database is gone');
          })(),
        };
      },
    });
    // Not through `send`, which reads what it checks.
    const read = fetch(`${open.url}/api/conversations/c1/export?format=markdown`).then((file) => file.text());
    await expect(read).rejects.toThrow();
    expect(open.log.lines.map(({ message }) => message)).toContain('an export broke off');
  });
});

test.each([
  ['Bees', 'Bees.md'],
  ['../../etc/passwd', 'etc%20passwd.md'],
  ['a"; filename="x.exe', 'a%20%3B%20filename%3D%20x.exe.md'],
  ['蜜蜂 😀', '%E8%9C%9C%E8%9C%82%20%F0%9F%98%80.md'],
  ["it's (all) *", 'it%27s%20%28all%29.md'],
  ['...', 'conversation.md'],
  [`${'x'.repeat(59)}😀`, `${'x'.repeat(59)}.md`],
  [null, 'Why.md'],
])('the file of %j is %s', async (title, name) => {
  named(title);
  const disposition = (await download('?format=markdown')).headers.get('content-disposition');
  expect(disposition).toBe(`attachment; filename="conversation.md"; filename*=UTF-8''${name}`);
});

test('a conversation nobody had, another format and a bad id say what is wrong', async () => {
  expect((await open.send('GET', '/api/conversations/c9/export')).status).toBe(404);
  const other = await download('?format=pdf');
  expect(other.status).toBe(400);
  expect(await other.json()).toMatchObject({ error: { message: 'format must be one of json, markdown.' } });
  expect((await open.send('GET', '/api/conversations/%00/export')).status).toBe(400);
});
