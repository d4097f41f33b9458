// Booking, moving and cancelling by everybody: by keyboard, in every language, without WebAssembly, without scripts.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { findings } from './support/axe.mjs';
import { launch } from './support/browser.mjs';
import { saved } from './support/calendar.mjs';
import { book, booked, day, fill, free, step, take } from './support/patient.mjs';
import { Stage } from './support/stage.mjs';
import { Visitor, token } from './support/visitor.mjs';
import { until } from './support/wait.mjs';

let stage;
let browser;
before(async () => ([stage, browser] = await Promise.all([Stage.start(), launch()])));
afterEach(() => stage.tidy(browser));
after(async () => Promise.all([stage?.stop(), browser?.close()]));

const PHONE = { viewport: { width: 360, height: 740 } };
const SCRIPTLESS = { ...PHONE, javaScriptEnabled: false };

const visit = async (attributes = '', page = {}, options = PHONE) => {
  const body = `<crm-booking ${attributes}></crm-booking>`;
  const visitor = await Visitor.open(browser, stage.page(body, page), { pick: 'crm-booking', options });
  await visitor.find('[part~=flow]').waitFor();
  return visitor;
};
const hosted = (query = '', options = SCRIPTLESS) =>
  Visitor.open(browser, `${stage.gateway.url}/b/clinic${query}`, { pick: 'crm-booking', options });
const clean = async (visitor, state) => assert.deepEqual(await findings(visitor.page), [], state);

const focused = (visitor) => visitor.page.evaluate(() => {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element?.id || element?.name || element?.getAttribute('part') || '';
});
const press = async (visitor, ...keys) => {
  for (const key of keys) await visitor.page.keyboard.press(key);
};
/** Tab until something whose id, name or part begins so has the focus. */
const tabTo = async (visitor, start) => {
  for (let tries = 0; tries < 60; tries += 1) {
    if ((await focused(visitor)).startsWith(start)) return;
    await press(visitor, 'Tab');
  }
  assert.fail(`Tab never came to ${start}, but to ${await focused(visitor)}`);
};

const LOOKS = {
  light: {},
  dark: { options: { ...PHONE, colorScheme: 'dark' } },
  'forced colours': { options: { ...PHONE, forcedColors: 'active' } },
  'right to left': { page: { lang: 'ar', dir: 'rtl' } },
  desktop: { options: { viewport: { width: 1280, height: 900 } } },
};

for (const [look, { page, options }] of Object.entries(LOOKS)) {
  test(`axe finds nothing in any step, ${look}`, async () => {
    const visitor = await visit('', page, options);
    await visitor.hydrated();
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
    await visitor.close();
  });
}

for (const [lang, dir] of [['en', ''], ['zh-CN', ''], ['zh-TW', ''], ['ar', 'rtl']]) {
  test(`booked by keyboard alone, at 360 pixels, in ${lang}`, async () => {
    const visitor = await visit('', { lang, dir });
    await visitor.hydrated();
    for (const [start, next] of [['c-dentistry', 'service'], ['c-checkup', 'practitioner'], ['c-any', 'time']]) {
      await tabTo(visitor, start);
      await press(visitor, 'Enter');
      await step(visitor, next);
      await until('the title to have the focus', async () => (await focused(visitor)) === 'title');
    }
    await visitor.find('[part=grid]').waitFor();
    await tabTo(visitor, 'd-');
    const from = await focused(visitor);
    await press(visitor, dir ? 'ArrowLeft' : 'ArrowRight');
    await until('the next day', async () => (await focused(visitor)) > from);
    await press(visitor, 'PageDown');
    await until('a day about a month later', async () => (await focused(visitor)).slice(2, 9) > from.slice(2, 9));
    await press(visitor, 'PageUp', 'End');
    await until('a Sunday', async () => new Date((await focused(visitor)).slice(2)).getUTCDay() === 0);
    await press(visitor, 'ArrowDown');
    await press(visitor, 'Enter');
    await until('the day to be said', async () => (await focused(visitor)) === 'day');
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
    const [stored] = await stage.gateway.stored(mark);
    assert.equal(stored.answers.name, mark);
    const names = (await visitor.heard()).map(({ name }) => name);
    for (const name of ['crm-ready', 'crm-step', 'crm-held', 'crm-change', 'crm-submit', 'crm-booked']) assert.ok(names.includes(name), name);
    await visitor.close();
  });
}

test('moved, put into a calendar and cancelled, by its link and with the token in headers only', async () => {
  const visitor = await visit();
  const { code } = await book(visitor);
  const link = await visitor.find('[id=b-manage]').getAttribute('href');
  assert.match(link, /\/b\/clinic\?lang=en#apt_[0-9a-f]{32}\.[\w-]+$/);
  const [id, secret] = link.split('#')[1].split('.');
  const start = async (visitor) => new Date(await visitor.find('[part=facts] time').getAttribute('datetime'));
  const first = await saved(visitor.page, () => visitor.find('[id=b-calendar]').click());
  const half = 30 * 60_000;
  const expected = (start, sequence, status, method) => ({
    method, uid: `${id}@crm-widgets`, sequence, status, start: start.toISOString(), end: new Date(+start + half).toISOString(),
    summary: first.summary, location: 'Lakeside clinic, 18 Lakeside Road',
  });
  const facts = ({ name, text, alarms, ...facts }) => facts;
  assert.match(first.summary, /^Dental check-up · Dr (Li Jing|Zhao Ming)$/);
  assert.deepEqual(facts(first), expected(await start(visitor), 0, 'CONFIRMED', 'PUBLISH'));
  assert.deepEqual(first.alarms, [24 * 3_600, 2 * 3_600]);
  assert.equal(first.name, 'appointment.ics');
  await visitor.close();
  // The proxy stands for no public address of the gateway.
  const owner = await Visitor.open(browser, link.replace(stage.proxy.url, stage.gateway.url), { pick: 'crm-booking', options: PHONE });
  const requests = [];
  owner.page.on('request', (request) => requests.push({ url: request.url(), referer: request.headers().referer ?? '' }));
  assert.equal(await booked(owner), code);
  assert.ok(!owner.page.url().includes(secret), 'the token left the address');
  await owner.find('[id=b-move]').click();
  await owner.find('[part=grid]').waitFor();
  await free(owner).last().click();
  await owner.find('[id=b-yes]').click();
  await step(owner, 'booked');
  await until('moved', async () => /moved/i.test(await owner.find('[id=title]').innerText()));
  const moved = await saved(owner.page, () => owner.find('[id=b-calendar]').click());
  assert.notEqual(moved.start, first.start);
  assert.deepEqual(facts(moved), expected(await start(owner), 1, 'CONFIRMED', 'PUBLISH'));
  assert.ok(!first.text.includes(secret) && !moved.text.includes(secret));
  await owner.find('[id=b-cancel]').click();
  await owner.find('[id=b-yes]').click();
  await step(owner, 'cancelled');
  const cancelled = await saved(owner.page, () => owner.find('[id=b-calendar]').click());
  assert.deepEqual(facts(cancelled), expected(new Date(moved.start), 2, 'CANCELLED', 'CANCEL'));
  assert.deepEqual(cancelled.alarms, []);
  for (const { url, referer } of requests) assert.ok(!url.includes(secret) && !referer.includes(secret), url);
  assert.ok(requests.length > 3);
  await owner.close();
});

test('a slot that somebody else took: the nearest are offered, and one of them is taken', async () => {
  const [visitor, rival] = [await visit('service="checkup" practitioner="li"'), await visit('service="checkup" practitioner="li"')];
  for (const one of [visitor, rival]) {
    await one.hydrated();
    await day(one, 5);
  }
  const start = await free(visitor).first().getAttribute('value');
  const news = stage.proxy.hold(/^GET .*slots/);
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
  await visitor.close();
  await rival.close();
});

test('another visitor\'s booking shows within seconds, and the focus stays', async () => {
  const visitor = await visit('service="checkup" practitioner="zhao"');
  await visitor.hydrated();
  await day(visitor, 8);
  const first = free(visitor).first();
  const start = await first.getAttribute('value');
  await free(visitor).last().focus();
  const kept = await focused(visitor);
  const rival = await visit('service="checkup" practitioner="zhao"');
  await rival.hydrated();
  await day(rival, 8);
  await rival.find(`[id="t-${start}"]`).click();
  await step(rival, 'details');
  await visitor.page.bringToFront();
  await visitor.find(`[id="t-${start}"]`).waitFor({ state: 'detached', timeout: 15_000 });
  assert.equal(await focused(visitor), kept);
  await visitor.close();
  await rival.close();
});

test('the kept time runs out: it is said, what was typed stays, and the time can be taken again', async () => {
  const body = '<crm-booking service="checkup"></crm-booking>';
  const context = await browser.newContext(PHONE);
  await context.clock.install();
  const visitor = await Visitor.open(context, stage.page(body), { pick: 'crm-booking' });
  await visitor.hydrated();
  await visitor.find('[id=c-any]').click();
  await day(visitor, 6);
  await free(visitor).first().click();
  await step(visitor, 'details');
  await visitor.field('name').fill('Mia');
  assert.match(await visitor.find('[part=clock]').innerText(), /0[12]:\d\d/);
  await context.clock.fastForward(125_000);
  const again = visitor.find('[part=alert] [part~=soon]');
  await again.first().waitFor();
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
  assert.ok((await visitor.heard('crm-error')).some(({ detail }) => detail.code === 'hold-over'));
  await clean(visitor, 'over');
  // For the gateway, whose clock went on as usual, the first is still kept.
  await again.last().click();
  await visitor.find('[part=clock]').waitFor({ state: 'visible' });
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
  await visitor.close();
});

test('a lost answer books once', async () => {
  const visitor = await visit();
  const mark = token();
  await take(visitor, 7);
  await fill(visitor, mark);
  let lost = 0;
  const calm = stage.proxy.rule({ match: /^POST .*appointments/, after: () => (lost++ < 1 ? 'drop' : undefined) });
  await visitor.submit();
  await booked(visitor);
  calm();
  assert.ok(lost >= 2, 'sent again');
  assert.equal((await stage.gateway.stored(mark)).length, 1);
  await visitor.close();
});

test('a request is requested, and nothing free leads to the waitlist', async () => {
  const visitor = await visit('service="consultation"');
  await visitor.hydrated();
  await day(visitor);
  await free(visitor).first().click();
  await step(visitor, 'details');
  await fill(visitor, token());
  await visitor.submit();
  await step(visitor, 'requested');
  await visitor.find('[part~=flow]').waitFor();
  const waiting = await visit('service="rare"');
  await waiting.hydrated();
  await waiting.find('[id=b-join]').click();
  await step(waiting, 'waitlist');
  await fill(waiting, token());
  await waiting.submit();
  await step(waiting, 'waiting');
  await visitor.close();
  await waiting.close();
});

for (const [name, csp, wasm] of [
  ["script-src 'self'", "default-src 'self'; script-src 'self' gateway; connect-src 'self' gateway", undefined],
  ['Trusted Types', "script-src gateway; connect-src gateway; require-trusted-types-for 'script'; trusted-types 'none'", 'off'],
]) {
  test(`without WebAssembly, under ${name}: booked, moved and cancelled`, async () => {
    const policy = csp.replaceAll('gateway', stage.proxy.url);
    const visitor = await visit(wasm ? `wasm="${wasm}"` : '', { csp: policy });
    const { mark } = await book(visitor);
    assert.ok(await visitor.isPlain());
    assert.equal((await stage.gateway.stored(mark)).length, 1);
    await visitor.find('[id=b-move]').click();
    await step(visitor, 'move');
    await free(visitor).last().click();
    await visitor.find('[id=b-yes]').click();
    await step(visitor, 'booked');
    await visitor.find('[id=b-cancel]').click();
    await visitor.find('[id=b-yes]').click();
    await step(visitor, 'cancelled');
    assert.deepEqual(await visitor.violations(), []);
    assert.ok(stage.proxy.requests.every((request) => !/_token|apt_\w+\.[\w-]+/.test(request)));
    await visitor.close();
  });
}

test('without scripts: chosen by links, booked, moved and cancelled, and errors keep what was typed', async () => {
  const visitor = await hosted('?lang=zh-CN');
  const mark = token();
  await take(visitor, 9);
  await fill(visitor, mark, false);
  await visitor.submit();
  await visitor.find('[data-error=privacy]').waitFor({ state: 'visible' });
  assert.equal(await visitor.field('name').inputValue(), mark);
  await visitor.field('privacy').check();
  await visitor.submit();
  const code = await booked(visitor);
  assert.ok(!/token|apt_/.test(visitor.page.url()));
  assert.equal((await stage.gateway.stored(mark)).length, 1);
  await visitor.find('[id=b-move]').click();
  await step(visitor, 'move');
  await day(visitor, 4);
  await step(visitor, 'move');
  await free(visitor).last().click();
  await visitor.find('[id=b-yes]').click();
  assert.equal(await booked(visitor), code);
  await visitor.find('[id=b-cancel]').click();
  await visitor.find('[id=b-yes]').click();
  await step(visitor, 'cancelled');
  await visitor.close();
});

test('without scripts: every step of the hosted page is clean for axe and 360 pixels wide', async () => {
  // The checker is a script itself, so that only the page's own are kept from it.
  const visitor = await hosted('', { ...PHONE, colorScheme: 'dark' });
  await visitor.page.route(/\.js$|\.js\?/, (route) => route.abort());
  for (const query of ['', '?department=dentistry', '?service=checkup', '?service=checkup&practitioner=any', '?service=rare', '?service=checkup&practitioner=li&as=list']) {
    await visitor.page.goto(`${stage.gateway.url}/b/clinic${query}`);
    assert.equal(await visitor.find('[part~=base][data-by]').count(), 0);
    await clean(visitor, query);
    assert.ok((await visitor.page.evaluate(() => document.documentElement.scrollWidth)) <= 360, query);
  }
  await visitor.close();
});
