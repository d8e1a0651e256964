import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Json } from './workspace.js';

/** What became of one envelope. */
export type EnvelopeResult =
  | { readonly type: 'acknowledged'; readonly payload: Json }
  | { readonly type: 'timeout' | 'closed' | 'no-connection' };

/** Slack's Socket Mode: connections by single-use tickets, envelopes and their acknowledgements. */
export class SocketModeServer {
  /** Open connections, oldest first. */
  readonly connections: WebSocket[] = [];
  /** How many connections ever said hello. */
  opened = 0;
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #tickets = new Set<string>();
  readonly #waiting = new Map<string, { socket: WebSocket; done: (result: EnvelopeResult) => void }>();
  readonly #ackTimeoutMs: number;
  readonly #appId: string;
  readonly #onChange: () => void;
  /** Connections that were told they will be closed: they get events only where there is no other. */
  readonly #retiring = new WeakSet<WebSocket>();
  #next = 0;
  #ids = 0;

  constructor(options: {
    readonly ackTimeoutMs: number;
    readonly appId: string;
    readonly onChange: () => void;
  }) {
    this.#ackTimeoutMs = options.ackTimeoutMs;
    this.#appId = options.appId;
    this.#onChange = options.onChange;
  }

  ticket(): string {
    this.#ids += 1;
    const ticket = `ticket-${this.#ids}-${Math.random().toString(36).slice(2)}`;
    this.#tickets.add(ticket);
    return ticket;
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ticket = new URL(request.url ?? '/', 'http://slack').searchParams.get('ticket') ?? '';
    if (!this.#tickets.delete(ticket)) {
      socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (connection) => this.#welcome(connection));
  }

  /** Sends one envelope over one connection and waits for its acknowledgement. */
  send(
    type: string,
    payload: Json,
    retry: { readonly attempt: number; readonly reason: string },
  ): Promise<EnvelopeResult> {
    const lasting = this.connections.filter((connection) => !this.#retiring.has(connection));
    const usable = lasting.length > 0 ? lasting : this.connections;
    const socket = usable[this.#next % Math.max(1, usable.length)];
    this.#next += 1;
    if (!socket) return Promise.resolve({ type: 'no-connection' });
    this.#ids += 1;
    const envelopeId = `envelope-${this.#ids}`;
    return new Promise((resolve) => {
      const timer = setTimeout(() => done({ type: 'timeout' }), this.#ackTimeoutMs);
      const done = (result: EnvelopeResult) => {
        clearTimeout(timer);
        this.#waiting.delete(envelopeId);
        resolve(result);
      };
      this.#waiting.set(envelopeId, { socket, done });
      const retried =
        type === 'events_api' ? { retry_attempt: retry.attempt, retry_reason: retry.reason } : {};
      const envelope = {
        envelope_id: envelopeId,
        type,
        accepts_response_payload: type !== 'events_api',
        ...retried,
      };
      socket.send(JSON.stringify({ ...envelope, payload }));
    });
  }

  /** Says that connections will be closed, as Slack does before it recycles them; closes them `afterMs` later. */
  askToReconnect(reason: 'warning' | 'refresh_requested', afterMs = 1_000): void {
    for (const socket of [...this.connections]) {
      this.#retiring.add(socket);
      socket.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'applink-1' } }));
      setTimeout(() => socket.close(1000), afterMs).unref();
    }
  }

  /** Cuts connections without a closing handshake: all, or one by its place. */
  cut(index?: number): void {
    const sockets = index === undefined ? [...this.connections] : this.connections.slice(index, index + 1);
    for (const socket of sockets) socket.terminate();
  }

  /** Sends something that is no envelope of an event over every connection. */
  sendRaw(text: string): void {
    for (const socket of this.connections) socket.send(text);
  }

  stop(): void {
    for (const socket of this.connections) socket.terminate();
    this.#server.close();
  }

  #welcome(socket: WebSocket): void {
    this.connections.push(socket);
    this.opened += 1;
    socket.on('message', (data) => this.#acknowledged(String(data)));
    socket.on('close', () => {
      this.connections.splice(this.connections.indexOf(socket), 1);
      for (const { socket: used, done } of [...this.#waiting.values()])
        if (used === socket) done({ type: 'closed' });
      this.#onChange();
    });
    socket.on('error', () => socket.terminate());
    const hello = {
      type: 'hello',
      num_connections: this.connections.length,
      connection_info: { app_id: this.#appId },
    };
    socket.send(JSON.stringify(hello));
    this.#onChange();
  }

  #acknowledged(data: string): void {
    const answer = JSON.parse(data) as { envelope_id?: string; payload?: Json };
    const waiting = this.#waiting.get(answer.envelope_id ?? '');
    waiting?.done({ type: 'acknowledged', payload: answer.payload ?? {} });
  }
}
