import { expect, test } from 'vitest';
import {
  comparedIds,
  newComparedIds,
} from '../../../../../../../adapters/web/page/chat/list/comparison-id.js';
import { entriesOf } from '../../../../../../../adapters/web/page/chat/list/entries.js';

const listed = (id: string, title: string | null = 'Why?') => ({
  conversation_id: id,
  title,
  turns: 1,
  updated_at: '2026-01-01T10:00:00.000Z',
  created_at: '2026-01-01T09:00:00.000Z',
});

test('a conversation has a line of its own', () => {
  expect(entriesOf([listed('a b'), listed('c', null)])).toMatchObject([
    { ids: ['a b'], name: 'Why?', href: '/?conversation=a%20b' },
    { ids: ['c'], name: 'Nothing is left of it', href: '/?conversation=c' },
  ]);
});

test('both halves of a comparison have one line together, where the newer stands', () => {
  const { first, second } = newComparedIds();
  const entries = entriesOf([listed('a'), listed(second), listed('b'), listed(first, 'Other')]);
  expect(entries.map(({ name }) => name)).toEqual(['Why?', 'Compared: Why?', 'Why?']);
  expect(entries[1]).toMatchObject({
    ids: [first, second],
    href: `/compare?first_conversation=${first}&second_conversation=${second}`,
  });
  expect(entriesOf([listed(first)])[0]?.ids, 'one half alone').toEqual([first, second]);
});

test('comparisons are told apart, and from other conversations', () => {
  const [one, other] = [newComparedIds(), newComparedIds()];
  expect(entriesOf([one.first, other.first, one.second, other.second].map((id) => listed(id)))).toHaveLength(
    2,
  );
  expect(comparedIds(one.second)).toEqual(one);
  for (const id of ['comparison-x-first', `x-${one.first}`, `${one.first}-`])
    expect(comparedIds(id)).toBeNull();
});
