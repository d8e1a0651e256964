import { PassThrough } from 'node:stream';
import { until } from '../web/scripted-bot.js';

export const CTRL_C = '\x03';
export const CTRL_D = '\x04';

/** A terminal with a person at it, or a pipe. */
export class Terminal {
  readonly input: PassThrough & { isTTY?: boolean; setRawMode?: (on: boolean) => void };
  readonly output: PassThrough & { isTTY?: boolean; columns?: number };
  shown = '';
  raw = false;

  constructor(kind: 'person' | 'pipe') {
    this.input = new PassThrough();
    this.output = new PassThrough();
    if (kind === 'person') {
      this.input.isTTY = true;
      this.input.setRawMode = (on) => {
        this.raw = on;
      };
      this.output.isTTY = true;
      this.output.columns = 80;
    }
    this.output.on('data', (chunk: Buffer) => {
      this.shown += chunk.toString();
    });
  }

  type(text: string): void {
    this.input.write(text);
  }

  /** What was written, without colours and cursor movements. */
  get text(): string {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what terminals are sent
    return this.shown.replace(/\x1b\[[?\d;]*[A-Za-z]/g, '').replaceAll('\r', '');
  }

  async shows(text: string): Promise<void> {
    await until(() => this.text.includes(text));
  }
}
