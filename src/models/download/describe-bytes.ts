/** A size for people, in decimal units: `98 MB`, `1.1 GB`. */
export function describeBytes(bytes: number): string {
  return bytes < 999.5e6 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
