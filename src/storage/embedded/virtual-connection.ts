import { Duplex } from 'node:stream';
import type { MultiplexedConnection, SessionMultiplexer } from './session-multiplexer.js';
import { AUTHENTICATED, ClientReader } from './wire-protocol.js';

/**
 * What `pg` takes for a socket: the client's bytes go to the multiplexer, the answers come back. Never leaves the
 * process.
 */
export class VirtualConnection extends Duplex implements MultiplexedConnection {
  readonly #multiplexer: SessionMultiplexer;
  readonly #reader: ClientReader;

  constructor(multiplexer: SessionMultiplexer) {
    super({ allowHalfOpen: false });
    this.#multiplexer = multiplexer;
    this.#reader = new ClientReader(`${multiplexer.nextName()}-`);
  }

  // pg treats the stream as a net.Socket: these five are what it calls beyond a Duplex.

  connect(): this {
    this.#multiplexer.attach(this);
    process.nextTick(() => this.emit('connect'));
    return this;
  }
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }

  notify(bytes: Buffer): void {
    if (!this.destroyed) this.push(bytes);
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#accept(chunk);
    done();
  }

  override _writev(chunks: { chunk: Buffer }[], done: (error?: Error) => void): void {
    this.#accept(Buffer.concat(chunks.map(({ chunk }) => chunk)));
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#multiplexer.detach(this);
    done(error);
  }

  #accept(bytes: Buffer): void {
    for (const input of this.#reader.read(bytes)) {
      if (input.type === 'startup') this.push(AUTHENTICATED);
      else if (input.type === 'terminate') this.push(null);
      else void this.#answer(input.bytes);
    }
  }

  async #answer(batch: Buffer): Promise<void> {
    try {
      const reply = await this.#multiplexer.submit(this, batch);
      if (!this.destroyed) this.push(reply);
    } catch (error) {
      this.destroy(asError(error));
    }
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
