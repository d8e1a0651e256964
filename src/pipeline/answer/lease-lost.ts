/** Another attempt holds the turn now: this one ends without a trace. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor() {
    super('another worker took this turn over');
  }
}
