import { type Span as ApiSpan, type Context, ROOT_CONTEXT, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { ExpectedFailure } from '../domain/failure.js';
import type { Span, SpanFacts, Tracing } from '../ports/telemetry/tracing.js';

export interface OtlpOptions {
  /** Base of the collector's OTLP/HTTP address; `/v1/traces` is added. */
  readonly endpoint: string;
  /** `service.name`, such as `parley-worker`. */
  readonly service: string;
}

/** Spans wait this long for others to be sent with, in ms. */
const BATCH_MS = 1_000;
/** A collector that does not answer holds neither the process nor its stop up for longer. */
const EXPORT_MS = 5_000;

/** Sends spans to a collector over OTLP/HTTP; its standard variables for headers and sampling hold. */
export function otlpTracing({ endpoint, service }: OtlpOptions): Tracing & { stop(): Promise<void> } {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_MS,
  });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [
      new BatchSpanProcessor(exporter, { scheduledDelayMillis: BATCH_MS, exportTimeoutMillis: EXPORT_MS }),
    ],
  });
  const tracer = provider.getTracer('parley');

  function begin(name: string, around: Context, facts: SpanFacts = {}): Span {
    const span = tracer.startSpan(name, { attributes: parleyFacts(facts) }, around);
    const inside = trace.setSpan(around, span);
    let ended = false;
    return {
      traceparent: traceparentOf(span),
      child: (childName, childFacts) => begin(childName, inside, childFacts),
      note: (more) => void span.setAttributes(parleyFacts(more)),
      end(error) {
        if (ended) return;
        ended = true;
        if (error !== undefined) {
          span.setStatus({ code: SpanStatusCode.ERROR });
          span.setAttribute('error.type', error instanceof ExpectedFailure ? error.kind : nameOf(error));
        }
        span.end();
      },
    };
  }

  return {
    begin: (name, parent, facts) => begin(name, contextOf(parent), facts),
    async stop() {
      // Where the collector is away the last spans are lost: no reason to stop less well.
      await provider.shutdown().catch(() => {});
    },
  };
}

function parleyFacts(facts: SpanFacts): SpanFacts {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [`parley.${name}`, value]));
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : 'unknown';
}

function traceparentOf(span: ApiSpan): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The context of a `traceparent`; the root where there is none, or one that is malformed. */
function contextOf(traceparent: string | null): Context {
  const [, traceId, spanId, flags] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return ROOT_CONTEXT;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return trace.setSpanContext(ROOT_CONTEXT, context);
}
