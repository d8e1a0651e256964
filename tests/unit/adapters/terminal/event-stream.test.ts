import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEventStream, type ServerEvent } from '../../../../adapters/terminal/event-stream.js';

function inPieces(text: string, size: number, onCancel = () => {}): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  return new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(at, at + size));
      at += size;
    },
    cancel: onCancel,
  });
}

async function all(body: ReadableStream<Uint8Array>): Promise<ServerEvent[]> {
  const events: ServerEvent[] = [];
  for await (const event of readEventStream(body)) events.push(event);
  return events;
}

test.each(['\n', '\r\n', '\r'])('reads the same events wherever the network cuts them (%j)', async (end) => {
  const events = fc.array(
    fc.record({
      name: fc.constantFrom('delta', 'done', 'message'),
      data: fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n]/g, '')),
    }),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(events, fc.integer({ min: 1, max: 9 }), async (sent, size) => {
      const lines = sent.flatMap(({ name, data }) => [
        ': alive',
        '',
        ...(name === 'message' ? [] : [`event: ${name}`]),
        'id: 1',
        `data: ${data}`,
        '',
      ]);
      // What follows shows that the last line has ended.
      expect(await all(inPieces([...lines, ':', ''].join(end), size))).toEqual(sent);
    }),
  );
});

test('joins the lines of one event, and leaves out an event that was cut off by the end', async () => {
  expect(await all(inPieces('data: one\ndata:two\n\nevent: delta\ndata: cut', 7))).toEqual([
    { name: 'message', data: 'one\ntwo' },
  ]);
});

test('lets go of the answer when its reader leaves', async () => {
  const cancelled = await new Promise<boolean>((resolve) => {
    const events = readEventStream(inPieces('data: x\n\n'.repeat(1_000), 9, () => resolve(true)));
    void events.next().then(() => events.return());
  });

  expect(cancelled).toBe(true);
});
