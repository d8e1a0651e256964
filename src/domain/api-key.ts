/** Whether a text has the form of an API key that Parley made: `pk_`, then 256 bits in base64url. */
export function isApiKey(text: string): boolean {
  return /^pk_[\w-]{43}$/.test(text);
}
