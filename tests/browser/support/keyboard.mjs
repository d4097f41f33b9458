// Somebody who has a keyboard and no mouse.

/** What has the focus, through every shadow root: its id, its name and its parts; `''` and `[]` where it has none. */
export const focused = (visitor) => visitor.page.evaluate(() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return { id: element?.id ?? '', name: element?.name ?? '', parts: [...(element?.part ?? [])] };
});

/** Presses one key after the other. */
export async function press(visitor, ...keys) {
  for (const key of keys) await visitor.page.keyboard.press(key);
}

/** Presses Tab (or `key`) until that has the focus: an id that begins so, a name or a part. */
export async function tabTo(visitor, goal, key = 'Tab') {
  for (let tries = 0; tries < 60; tries += 1) {
    const { id, name, parts } = await focused(visitor);
    if (id.startsWith(goal) || name === goal || parts.includes(goal)) return;
    await press(visitor, key);
  }
  throw new Error(`${key} never came to ${goal}, but to ${JSON.stringify(await focused(visitor))}`);
}
