import type { Page } from 'playwright-core';

/** The list of conversations stands beside the chat; on a phone it slides over the chat once it is asked for. */
export async function openList(page: Page): Promise<void> {
  const opener = page.getByRole('button', { name: 'Conversations', exact: true });
  await opener.waitFor();
  if ((await opener.getAttribute('aria-expanded')) === 'false') await opener.click();
  await page.getByLabel('Search conversations').waitFor();
}

/** What a phone's list lies over can be used only then. */
export async function closeList(page: Page): Promise<void> {
  const close = page.getByRole('button', { name: 'Close the list' });
  if ((await close.count()) === 0) return;
  await close.click();
  await close.waitFor({ state: 'detached' });
}

/** An action of the menu beside a conversation's title. */
export async function chooseFor(page: Page, title: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Options for ${title}` }).click();
  await page.getByRole('button', { name: action, exact: true }).click();
}
