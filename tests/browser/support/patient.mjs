// Somebody who books: the way through `<crm-booking>`, the same with and without scripts.
import { phone, token } from './visitor.mjs';

const CODE = /[0-9A-Z]{4}-[0-9A-Z]{4}/;

/** Waits until the element is at that step. */
export const step = (visitor, word) => visitor.find(`[part~=flow][data-step="${word}"]`).waitFor();

/** The times that may be taken. */
export const free = (visitor) => visitor.find('[part~=slot]');

/** From the first view to the times of the check-up, with whoever is free first. */
export async function choose(visitor) {
  await visitor.find('[id=c-dentistry]').click();
  await visitor.find('[id=c-checkup]').click();
  await visitor.find('[id=c-any]').click();
  await visitor.find('[part=grid]').waitFor();
}

/** Chooses a day of the calendar that has something: so many after the first, so that "today" is over for nobody. */
export async function day(visitor, after = 3) {
  const days = visitor.find('[part~=day][href], button[part~=day]');
  await days.first().waitFor();
  const chosen = days.nth(Math.min(after, (await days.count()) - 1));
  const id = await chosen.getAttribute('id');
  await chosen.click();
  await visitor.find(`[id="${id}"][data-chosen]`).waitFor();
  await free(visitor).first().waitFor();
}

/** Fills in the form of a visit; every person is another. */
export async function fill(visitor, mark, agree = true) {
  await visitor.field('name').fill(mark);
  await visitor.field('phone').fill(phone());
  if (agree) await visitor.field('privacy').check();
}

/** Waits until it is booked, and returns the code. */
export async function booked(visitor) {
  const code = visitor.find('[part=code]');
  await code.waitFor();
  return (await code.innerText()).match(CODE)[0];
}

/** Takes the first time of a day, up to the form. */
export async function take(visitor, after) {
  await choose(visitor);
  await day(visitor, after);
  await free(visitor).first().click();
  await step(visitor, 'details');
}

/** Books the check-up, and returns mark and code. */
export async function book(visitor, after) {
  const mark = token();
  await take(visitor, after);
  await fill(visitor, mark);
  await visitor.submit();
  return { mark, code: await booked(visitor) };
}
