import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  ClientReader,
  queryMessage,
  splitServerOutput,
} from '../../../../src/storage/embedded/wire-protocol.js';

/** A message of a type and a body. */
function message(type: string, body: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeUInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

const body = fc.uint8Array({ maxLength: 20 });
const startup = Buffer.from([0, 0, 0, 8, 0, 3, 0, 0]);

test('finds the same batches however the stream is cut', () => {
  const stream = fc.array(fc.tuple(fc.constantFrom('P', 'B', 'D', 'E', 'S', 'Q', 'H'), body), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(stream, fc.array(fc.nat(200), { maxLength: 8 }), (messages, cuts) => {
      const bytes = Buffer.concat([startup, ...messages.map(([type, content]) => message(type, content))]);
      const whole = new ClientReader('c1-').read(bytes);
      const reader = new ClientReader('c1-');
      const edges = [
        0,
        ...cuts.map((cut) => Math.min(cut, bytes.length)).sort((a, b) => a - b),
        bytes.length,
      ];
      const pieces = edges.slice(1).flatMap((end, n) => reader.read(bytes.subarray(edges[n], end)));
      expect(pieces).toEqual(whole);
      const ends = messages.filter(([type]) => 'SQH'.includes(type)).length;
      expect(whole.filter(({ type }) => type === 'batch')).toHaveLength(ends);
    }),
  );
});

test('gives the statements of a client its prefix, and leaves unnamed ones and portals alone', () => {
  const text = (value: string) => Buffer.from(`${value}\0`);
  const part = (type: string, ...fields: Buffer[]) => message(type, Buffer.concat(fields));
  const count = Buffer.from([0, 0]);
  const sent = (name: string) => [
    part('P', text(name), text('SELECT 1'), count),
    part('B', text('portal'), text(name), count, count, count),
    part('D', Buffer.from('S'), text(name)),
    part('D', Buffer.from('P'), text('portal')),
    part('C', Buffer.from('S'), text(name)),
    part('S'),
  ];
  const read = (name: string) => new ClientReader('c1-').read(Buffer.concat([startup, ...sent(name)]))[1];
  expect(read('mine')).toEqual({ type: 'batch', bytes: Buffer.concat(sent('c1-mine')) });
  expect(read('')).toEqual({ type: 'batch', bytes: Buffer.concat(sent('')) });
});

test('tells a start, a query and an end apart', () => {
  const query = queryMessage('SELECT 1');
  expect(
    new ClientReader('c1-').read(Buffer.concat([startup, query, message('X', Buffer.alloc(0))])),
  ).toEqual([{ type: 'startup' }, { type: 'batch', bytes: query }, { type: 'terminate' }]);
});

test('takes notifications out of the answer and loses nothing else', () => {
  const messages = fc.array(fc.tuple(fc.constantFrom('A', 'D', 'C', 'N', 'T'), body), { maxLength: 12 });
  fc.assert(
    fc.property(messages, (all) => {
      const bytes = all.map(([type, content]) => message(type, content));
      const { reply, notifications } = splitServerOutput(Buffer.concat(bytes));
      const of = (wanted: (type: string) => boolean) =>
        Buffer.concat(bytes.filter((_, n) => wanted(all[n]?.[0] ?? '')));
      expect(reply.equals(of((type) => type !== 'A'))).toBe(true);
      expect(notifications.equals(of((type) => type === 'A'))).toBe(true);
    }),
  );
});

test.each([
  ['I', 'none'],
  ['T', 'open'],
  ['E', 'open'],
] as const)('reads the transaction state %s as %s', (state, transaction) => {
  expect(splitServerOutput(message('Z', Buffer.from(state))).transaction).toBe(transaction);
});

test('knows no transaction state without ReadyForQuery', () => {
  expect(splitServerOutput(message('1', Buffer.alloc(0))).transaction).toBe('unknown');
});
