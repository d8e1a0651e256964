/** What a span is marked with: ids of turns and parts, names of models and platforms. Never a person, never text. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>;

/** A piece of work that takes time. Nothing here throws or waits. */
export interface Span {
  /** W3C `traceparent`, for the same work in another process; null where nothing is traced. */
  readonly traceparent: string | null;
  /** Work within this work. */
  child(name: string, facts?: SpanFacts): Span;
  note(facts: SpanFacts): void;
  /** Ends it; later calls do nothing. An `error` is told by its kind alone: its sentence may hold more than a trace should. */
  end(error?: unknown): void;
}

/** Where the time goes between what a platform tells and the last edit of the reply. */
export interface Tracing {
  /** @param parent - `traceparent` of the work this belongs to; null begins a trace */
  begin(name: string, parent: string | null, facts?: SpanFacts): Span;
}

const NO_SPAN: Span = { traceparent: null, child: () => NO_SPAN, note: () => {}, end: () => {} };

/** Traces nothing. */
export const NO_TRACING: Tracing = { begin: () => NO_SPAN };

/** Runs `work` in a span within `parent`, which ends with it. */
export async function inSpan<T>(
  parent: Span,
  name: string,
  facts: SpanFacts,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = parent.child(name, facts);
  try {
    const result = await work(span);
    span.end();
    return result;
  } catch (error) {
    span.end(error);
    throw error;
  }
}
