// Booking by everybody: in every look without findings of axe, by keyboard, in every language, beside others.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { clean } from './support/axe.mjs';
import { Clinic } from './support/clinic.mjs';
import { focused, press, tabTo } from './support/keyboard.mjs';
import { booked, day, fill, free, step, take } from './support/patient.mjs';
import { PHONE, token } from './support/visitor.mjs';
import { until } from './support/wait.mjs';

let clinic;
before(async () => (clinic = await Clinic.start()));
afterEach(() => clinic.tidy());
after(() => clinic?.stop());

const LOOKS = {
  light: {},
  dark: { options: { ...PHONE, colorScheme: 'dark' } },
  'forced colours': { options: { ...PHONE, forcedColors: 'active' } },
  'right to left': { page: { lang: 'ar', dir: 'rtl' } },
  desktop: { options: { viewport: { width: 1280, height: 900 } } },
};

for (const [look, { page, options }] of Object.entries(LOOKS)) {
  test(`axe finds nothing in any step, ${look}`, async () => {
    const visitor = await clinic.visit('', { page, options });
    await clean(visitor, 'departments');
    await visitor.find('[id=c-dentistry]').click();
    await step(visitor, 'service');
    await clean(visitor, 'services');
    await visitor.find('[id=c-checkup]').click();
    await visitor.find('[part~=soon]').first().waitFor();
    await clean(visitor, 'soonest and practitioners');
    await visitor.find('[id=c-any]').click();
    await visitor.find('[part=grid]').waitFor();
    await clean(visitor, 'calendar');
    await visitor.find('[id=b-as]').click();
    await visitor.find('[part=lines]').waitFor();
    await clean(visitor, 'list');
    await free(visitor).last().click();
    await step(visitor, 'details');
    await clean(visitor, 'details');
    await visitor.submit();
    await visitor.find('[data-error=phone]').waitFor({ state: 'visible' });
    await clean(visitor, 'errors');
    await fill(visitor, token());
    await visitor.submit();
    await booked(visitor);
    await clean(visitor, 'booked');
    await visitor.find('[id=b-move]').click();
    await visitor.find('[part=grid]').waitFor();
    await clean(visitor, 'moving');
    await visitor.find('[id=b-keep]').click();
    await visitor.find('[id=b-cancel]').click();
    await step(visitor, 'cancel');
    await clean(visitor, 'cancelling');
    await visitor.find('[id=b-yes]').click();
    await step(visitor, 'cancelled');
    await clean(visitor, 'cancelled');
    await visitor.find('[id=b-new]').click();
    await visitor.find('[id=c-general]').click();
    await visitor.find('[id=c-rare]').click();
    await visitor.find('[part=empty]').waitFor();
    await clean(visitor, 'full');
    await visitor.find('[id=b-join]').click();
    await step(visitor, 'waitlist');
    await clean(visitor, 'waitlist');
    assert.deepEqual(visitor.faults, []);
  });
}

for (const [lang, dir] of [['en', ''], ['zh-CN', ''], ['zh-TW', ''], ['ar', 'rtl']]) {
  test(`booked by keyboard alone, at 360 pixels, in ${lang}`, async () => {
    const visitor = await clinic.visit('', { page: { lang, dir } });
    for (const [start, next] of [['c-dentistry', 'service'], ['c-checkup', 'practitioner'], ['c-any', 'time']]) {
      await tabTo(visitor, start);
      await press(visitor, 'Enter');
      await step(visitor, next);
      await until('the title to have the focus', async () => (await focused(visitor)).id === 'title');
    }
    await visitor.find('[part=grid]').waitFor();
    await tabTo(visitor, 'd-');
    const from = (await focused(visitor)).id;
    await press(visitor, dir ? 'ArrowLeft' : 'ArrowRight');
    await until('the next day', async () => (await focused(visitor)).id > from);
    await press(visitor, 'PageDown');
    await until('a day about a month later', async () => (await focused(visitor)).id.slice(2, 9) > from.slice(2, 9));
    await press(visitor, 'PageUp', 'End');
    await until('a Sunday', async () => new Date((await focused(visitor)).id.slice(2)).getUTCDay() === 0);
    await press(visitor, 'ArrowDown');
    await press(visitor, 'Enter');
    await until('the day to be said', async () => (await focused(visitor)).id === 'day');
    await tabTo(visitor, 't-');
    await press(visitor, 'Enter');
    await step(visitor, 'details');
    const mark = token();
    await tabTo(visitor, 'f-name');
    await visitor.page.keyboard.type(mark);
    await tabTo(visitor, 'f-phone');
    await visitor.page.keyboard.type('13812345678');
    await tabTo(visitor, 'f-privacy');
    await press(visitor, 'Space');
    await tabTo(visitor, 'submit');
    await press(visitor, 'Enter');
    await booked(visitor);
    const wide = await visitor.page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `${wide} pixels wide`);
    const [stored] = await clinic.gateway.stored(mark);
    assert.equal(stored.answers.name, mark);
    const names = (await visitor.heard()).map(({ name }) => name);
    for (const name of ['crm-ready', 'crm-step', 'crm-held', 'crm-change', 'crm-submit', 'crm-booked']) assert.ok(names.includes(name), name);
  });
}

test('keys that are the browser\'s are left to it in the calendar', async () => {
  const visitor = await clinic.visit('service="cleaning"');
  await day(visitor, 2);
  const kept = await visitor.find('[part~=day][tabindex="0"]').evaluate((element) => {
    const press = (more) => element.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true, cancelable: true, composed: true, ...more }));
    return [{ altKey: true }, { ctrlKey: true }, {}].map(press);
  });
  assert.deepEqual(kept, [true, true, false]);
});

test('the focus stays in the element where what had it is gone', async () => {
  const visitor = await clinic.visit('service="cleaning"');
  await free(visitor).first().waitFor();
  const turn = visitor.find('a[id=m-after]');
  await until('the last month', async () => {
    if (!(await turn.count())) return true;
    await turn.focus();
    return press(visitor, 'Enter');
  });
  await until('the focus to be in the element', () => visitor.page.evaluate(() => document.activeElement.localName === 'crm-booking'));
});

test('links of a first view lead to the gateway before anything was pressed', async () => {
  const visitor = await clinic.visit();
  const links = await visitor.find('a[data-act=go]').evaluateAll((all) => all.map(({ href }) => href));
  assert.ok(links.length && links.every((link) => link.startsWith(`${clinic.proxy.url}/b/clinic`)), links[0]);
});

test('a page of others keeps its history', async () => {
  const visitor = await clinic.visit();
  const before = await visitor.page.evaluate(() => [history.length, location.href, history.state]);
  await take(visitor, 17);
  assert.deepEqual(await visitor.page.evaluate(() => [history.length, location.href, history.state]), before);
});

const LI = 'service="checkup" practitioner="li"';
const ZHAO = 'service="checkup" practitioner="zhao"';

test('a slot that somebody else took: the nearest are offered, and one of them is taken', async () => {
  const [visitor, rival] = [await clinic.visit(LI), await clinic.visit(LI)];
  for (const one of [visitor, rival]) await day(one, 5);
  const start = await free(visitor).first().getAttribute('value');
  const news = clinic.proxy.hold(/^GET .*slots/);
  await rival.find(`[id="t-${start}"]`).click();
  await step(rival, 'details');
  await visitor.find(`[id="t-${start}"]`).click();
  news();
  const others = visitor.find('[part=alert] [part~=soon]');
  await others.first().waitFor();
  await clean(visitor, 'alternatives');
  assert.ok(!(await others.evaluateAll((all) => all.map(({ value }) => value))).includes(`${start},li`));
  await others.first().click();
  await step(visitor, 'details');
});

test('another visitor\'s booking shows within seconds, and the focus stays', async () => {
  const visitor = await clinic.visit(ZHAO);
  await day(visitor, 8);
  const first = free(visitor).first();
  const start = await first.getAttribute('value');
  await free(visitor).last().focus();
  const kept = await focused(visitor);
  assert.ok(kept.id);
  const rival = await clinic.visit(ZHAO);
  await day(rival, 8);
  await rival.find(`[id="t-${start}"]`).click();
  await step(rival, 'details');
  await visitor.page.bringToFront();
  await visitor.find(`[id="t-${start}"]`).waitFor({ state: 'detached', timeout: 15_000 });
  assert.deepEqual(await focused(visitor), kept);
});

test('a request is requested, and nothing free leads to the waitlist', async () => {
  const visitor = await clinic.visit('service="consultation"');
  await day(visitor);
  await free(visitor).first().click();
  await step(visitor, 'details');
  await fill(visitor, token());
  await visitor.submit();
  await step(visitor, 'requested');
  await visitor.find('[part~=flow]').waitFor();
  const waiting = await clinic.visit('service="rare"');
  await waiting.find('[id=b-join]').click();
  await step(waiting, 'waitlist');
  await fill(waiting, token());
  await waiting.submit();
  await step(waiting, 'waiting');
});
