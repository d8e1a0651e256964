/** How far getting a file has come. Bytes count from the start of the file, whatever was there before. */
export interface DownloadProgress {
  readonly phase:
    | 'waiting' /* another process gets the same file */
    | 'downloading'
    | 'unpacking'
    | 'verifying';
  readonly bytes: number;
  /** null where the source does not say. */
  readonly totalBytes: number | null;
}

export type OnProgress = (progress: DownloadProgress) => void;
