import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEvents, type ServerEvent } from '../../../../../../adapters/web/page/api/event-stream.js';

function inPieces(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

async function all(body: ReadableStream<Uint8Array>): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEvents(body)) events.push(event);
  return events;
}

test('reads the same events wherever the network cuts them', async () => {
  const events = fc.array(
    fc.record({ name: fc.constantFrom('delta', 'done'), data: fc.string({ unit: 'grapheme' }) }),
  );
  await fc.assert(
    fc.asyncProperty(events, fc.integer({ min: 1, max: 9 }), async (sent, size) => {
      const text = sent
        .map(({ name, data }) => `: alive\n\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`)
        .join('');
      expect(await all(inPieces(new TextEncoder().encode(text), size))).toEqual(sent);
    }),
  );
});

test('leaves out an event that was cut off by the end', async () => {
  const text = 'event: delta\ndata: {"text":"a"}\n\nevent: delta\ndata: {"te';
  expect(await all(inPieces(new TextEncoder().encode(text), 7))).toEqual([
    { name: 'delta', data: { text: 'a' } },
  ]);
});
