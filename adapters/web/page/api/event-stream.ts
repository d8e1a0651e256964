import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface ServerEvent {
  readonly name: string;
  /** Parsed JSON. */
  readonly data: unknown;
}

/** Reads server-sent events as they come; comments keep a connection alive and say nothing. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent, void> {
  const reader = body.getReader(); // Safari cannot iterate over the stream itself.
  const decoder = new TextDecoder();
  const come: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (message) => come.push(message) });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const { event, data } of come.splice(0)) {
        yield { name: event ?? 'message', data: JSON.parse(data) };
      }
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
