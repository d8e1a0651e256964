export const OPERATOR_KEY = 'operators-own-key';

/** A name as an enemy would choose it. */
export const HOSTILE = '<img src=x onerror="window.ran=1">';

/** The cookie of a browser that is signed in: signing in is for ten a minute alone. */
export async function operatorCookies(url: string) {
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ key: OPERATOR_KEY }),
  });
  const [, name = '', value = ''] = /^([^=]+)=([^;]+)/.exec(response.headers.get('set-cookie') ?? '') ?? [];
  return [{ name, value, url, httpOnly: true, sameSite: 'Strict' as const }];
}

/** Asks over HTTP, with the operator's key. @returns the answer's status */
export async function ask(url: string, question: string, userId: string): Promise<number> {
  const response = await fetch(`${url}/api/question`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${OPERATOR_KEY}` },
    body: JSON.stringify({ question, user_id: userId }),
  });
  await response.text();
  return response.status;
}
