interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds of a processor; left out for the shortest. */
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/**
 * What each task of the page's main thread took of a processor, in ms: however long others kept it waiting.
 *
 * @param trace - of Chromium, with `disabled-by-default-devtools.timeline`
 */
export function readMainThread(trace: Buffer): readonly number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const place = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`;
  const threads = new Set(
    traceEvents
      .filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain')
      .map(place),
  );
  return traceEvents
    .filter((event) => event.name === 'RunTask' && threads.has(place(event)))
    .map(({ tdur = 0 }) => tdur / 1_000);
}
