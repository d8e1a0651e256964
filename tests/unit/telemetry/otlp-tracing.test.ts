import { expect, onTestFinished, test } from 'vitest';
import { ExpectedFailure } from '../../../src/domain/failure.js';
import { inSpan } from '../../../src/ports/telemetry/tracing.js';
import { otlpTracing } from '../../../src/telemetry/otlp-tracing.js';
import { startCollector } from '../../doubles/servers/trace-collector.js';

async function opened() {
  const collector = await startCollector();
  onTestFinished(() => collector.stop());
  const open = () => otlpTracing({ endpoint: collector.url, service: 'parley-test' });
  return { collector, open };
}

test('work in another process belongs to the same trace', async () => {
  const { collector, open } = await opened();
  const [gateway, worker] = [open(), open()];
  const accept = gateway.begin('accept message', null, { platform: 'slack' });
  const answer = worker.begin('answer turn', accept.traceparent, { turn: 7 });
  answer.child('edit').end();
  accept.end();
  answer.end();
  await Promise.all([gateway.stop(), worker.stop()]);

  const byName = new Map(collector.spans.map((span) => [span.name, span]));
  expect([...byName.keys()].sort()).toEqual(['accept message', 'answer turn', 'edit']);
  expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
  expect(byName.get('answer turn')?.parentSpanId).toBe(byName.get('accept message')?.spanId);
  expect(byName.get('edit')?.parentSpanId).toBe(byName.get('answer turn')?.spanId);
  expect(byName.get('answer turn')).toMatchObject({
    service: 'parley-test',
    attributes: { 'parley.turn': 7 },
    failed: false,
  });
});

test('a failure is told by its kind, without its sentence', async () => {
  const { collector, open } = await opened();
  const tracing = open();
  const span = tracing.begin('answer turn', 'no traceparent');
  const failing = inSpan(span, 'generate', {}, () =>
    Promise.reject(new ExpectedFailure('provider-rejected', 'a secret sentence')),
  );
  await expect(failing).rejects.toThrow('a secret sentence');
  span.end(new TypeError('another secret'));
  span.end();
  await tracing.stop();
  expect(collector.spans).toMatchObject([
    { name: 'generate', failed: true, attributes: { 'error.type': 'provider-rejected' } },
    { name: 'answer turn', failed: true, attributes: { 'error.type': 'TypeError' } },
  ]);
  expect(collector.bodies.join()).not.toContain('secret');
});

test('a collector that is away keeps nobody from stopping', async () => {
  const tracing = otlpTracing({ endpoint: 'http://127.0.0.1:9', service: 'parley-test' });
  tracing.begin('accept message', null).end();
  await expect(tracing.stop()).resolves.toBeUndefined();
});
