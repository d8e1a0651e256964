import type { Api } from './api-types.js';

/** A call of the API: its method and its path, as in `GET /api/models`. */
export type Operation = keyof Api;

/** Those that answer with events. */
export type StreamedOperation = {
  [O in Operation]: Api[O] extends { events: unknown } ? O : never;
}[Operation];

export type AnswerOf<O extends Operation> = Api[O] extends { answer: infer Answer } ? Answer : never;

/** What has to be sent with a call. */
export type SentWith<O extends Operation> = Omit<Api[O], 'answer' | 'events'> & AnySent;

/** What may be sent with any call. */
export interface AnySent {
  /** By the names in the path's braces. */
  readonly path?: object;
  readonly query?: object;
  /** Sent as JSON. */
  readonly body?: object;
}

/** Where a call goes to, with what is sent in its path and query. */
export function apiAddress<O extends Operation>(operation: O, sent: SentWith<O>): string {
  return lineOf(operation, sent).address;
}

/** The method of a call and its address. */
export function lineOf(operation: Operation, { path = {}, query = {} }: AnySent) {
  const [method = '', template = ''] = operation.split(' ');
  const values = new Map(Object.entries(path));
  const filled = template.replaceAll(/\{(\w+)\}/g, (_, name) => encodeURIComponent(values.get(name)));
  const search = new URLSearchParams(Object.entries(query));
  return { method, address: search.size === 0 ? filled : `${filled}?${search}` };
}
