const DISCORD_EPOCH_MS = 1_420_070_400_000n;

/** The smallest id that Discord can have given at a moment, in milliseconds since 1970; "0" before its time. */
export function snowflakeAt(ms: number): string {
  const since = BigInt(Math.max(0, Math.floor(ms))) - DISCORD_EPOCH_MS;
  return since > 0n ? String(since << 22n) : '0';
}

/** The later of two ids. */
export function laterId(a: string, b: string): string {
  return BigInt(a) >= BigInt(b) ? a : b;
}
