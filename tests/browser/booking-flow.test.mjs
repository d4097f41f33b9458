// What happens to a booking on its way: offers are taken, answers get lost, tabs are closed, time runs out.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { Desk, scarce } from './support/desk.mjs';
import { book, booked, day, fill, free, step, take } from './support/patient.mjs';
import { Stage } from './support/stage.mjs';
import { Visitor, token } from './support/visitor.mjs';
import { pause, until } from './support/wait.mjs';

let stage;
let browser;
let desk;
before(async () => {
  [stage, browser] = await Promise.all([Stage.start(), launch()]);
  desk = new Desk(stage.gateway.url);
});
afterEach(() => stage.tidy(browser));
after(async () => Promise.all([stage?.stop(), browser?.close()]));

const PHONE = { viewport: { width: 360, height: 740 } };
const SCRIPTLESS = { ...PHONE, javaScriptEnabled: false };

const open = async (context, url) => {
  const visitor = await Visitor.open(context, url, { pick: 'crm-booking', options: PHONE });
  await visitor.find('[part~=flow]').waitFor();
  return visitor;
};
const page = (attributes = '', more) => stage.page(`<crm-booking ${attributes}></crm-booking>`, more);
const visit = async (attributes) => {
  const visitor = await open(browser, page(attributes));
  await visitor.hydrated();
  return visitor;
};
const sent = (path) => stage.proxy.seen(new RegExp(`^POST .*${path}$`)).length;
const released = () => stage.proxy.seen(/^DELETE .*holds/).length;
/** Lets so many matching requests fail after the gateway has answered them, by other bytes. */
const garbled = (match, times) => {
  let left = times;
  return stage.proxy.rule({ match, change: (body) => (left-- > 0 ? Buffer.from('<p>Please log in</p>') : body) });
};

/** A full house, and an appointment of it that nobody has cancelled yet. */
const house = [];
const full = async () => {
  await stage.apply(scarce);
  house.push(...(await desk.fill('rare')));
  return house.shift();
};
/** The same with one who waits. */
const queue = async () => {
  const taken = await full();
  const place = await desk.wait('rare');
  return { taken, place, link: `/b/clinic#${place.id}.${place.token}` };
};

test('who waits sees from the link that they wait, hears of what becomes free, and books it', async () => {
  const { taken, link } = await queue();
  const visitor = await open(browser, stage.gateway.url + link);
  await step(visitor, 'waiting');
  assert.ok(!visitor.page.url().includes('wait_'));
  await desk.cancel(taken);
  await visitor.find('[data-step=details]').waitFor({ timeout: 40_000 });
  assert.match(await visitor.find('[id=title]').innerText(), /free/);
  assert.ok(await visitor.find('[part=clock]').isVisible());
  const mark = token();
  await fill(visitor, mark);
  await visitor.submit();
  await booked(visitor);
  assert.equal(await visitor.find('[part=facts] time').getAttribute('datetime'), taken.start);
  assert.deepEqual(visitor.faults, []);
});

test('an offer that waits already is shown from its link at once', async () => {
  const { taken, place, link } = await queue();
  await desk.cancel(taken);
  await until('the offer', async () => (await desk.waiting(place)).turn === 'offered');
  const visitor = await open(browser, stage.gateway.url + link);
  await step(visitor, 'details');
  await visitor.find('[part=clock]').waitFor();
  // Another time would give up the offer.
  assert.equal(await visitor.find('[part~=change]').count(), 0);
});

test('without WebAssembly: an offer is shown from its link, and booked', async () => {
  const { taken, place } = await queue();
  const visitor = await open(browser, `${page('wasm="off"')}#${place.id}.${place.token}`);
  await step(visitor, 'waiting');
  await desk.cancel(taken);
  await until('the offer', async () => (await desk.waiting(place)).turn === 'offered');
  await visitor.find('[id=b-look]').click();
  await step(visitor, 'details');
  await fill(visitor, token());
  await visitor.submit();
  await booked(visitor);
});

test('without scripts: who waits looks again, and books what was offered', async () => {
  const taken = await full();
  const visitor = await Visitor.open(browser, `${stage.gateway.url}/b/clinic?service=rare`, { pick: 'crm-booking', options: SCRIPTLESS });
  await visitor.find('[id=b-join]').click();
  await step(visitor, 'waitlist');
  await fill(visitor, token());
  await visitor.submit();
  await step(visitor, 'waiting');
  await desk.cancel(taken);
  await until('the offer', async () => {
    await visitor.find('[id=b-look]').click();
    await visitor.page.waitForLoadState();
    return (await visitor.find('[part~=flow]').getAttribute('data-step')) === 'details';
  });
  await fill(visitor, token());
  await visitor.submit();
  await booked(visitor);
});

for (const wasm of ['on', 'off']) {
  test(`who no longer waits leaves the list, wasm="${wasm}"`, async () => {
    const { place } = await queue();
    const visitor = await open(browser, `${page(`wasm="${wasm}"`)}#${place.id}.${place.token}`);
    await visitor.find('[id=b-leave]').click();
    await until('the place to be over', async () => (await desk.waiting(place)).turn === 'over');
    await visitor.find('[id=b-new]').waitFor();
  });

  test(`a reload shows the appointment again, and "book another" forgets it, wasm="${wasm}"`, async () => {
    const { id, token } = await desk.book('vaccine', (await free_('vaccine'))[0]);
    const visitor = await open(browser, `${page(`wasm="${wasm}"`)}#${id}.${token}`);
    const code = await booked(visitor);
    await visitor.page.reload();
    assert.equal(await booked(visitor), code);
    await visitor.find('[id=b-cancel]').click();
    await visitor.find('[id=b-yes]').click();
    await visitor.find('[id=b-new]').click();
    await step(visitor, 'department');
    await visitor.page.reload();
    await visitor.find('[id=c-dentistry]').click();
    await step(visitor, 'service');
  });
}
const free_ = async (service) => {
  await stage.apply((site) => (site.challenge.enabled = false));
  return (await desk.free(service)).slice(-8);
};

/** A visitor whose kept time is over, by the page's clock. */
const late = async (mark) => {
  const context = await browser.newContext(PHONE);
  await context.clock.install();
  const visitor = await open(context, page());
  await visitor.hydrated();
  await take(visitor, 11);
  await fill(visitor, mark);
  await context.clock.fastForward(125_000);
  await visitor.find('[data-phase=over]').waitFor();
  return visitor;
};

test('a kept time that is over is taken again by "Book", and booked in one go', async () => {
  const mark = token();
  const visitor = await late(mark);
  await visitor.submit();
  await booked(visitor);
  assert.equal((await stage.gateway.stored(mark)).length, 1);
});

test('who books after the time was over, and was refused at first, is never put on the waitlist', async () => {
  const before = sent('waitlist');
  const visitor = await late(token());
  const good = stage.proxy.rule({ match: /^POST .*holds/, before: () => 429 });
  await visitor.submit();
  await until('the refusal', async () => /try again/.test(await visitor.find('[id=said]').innerText()));
  good();
  await visitor.submit();
  await booked(visitor);
  assert.equal(sent('waitlist'), before);
});

test('an answer that comes garbled is no answer: held once, booked once', async () => {
  const visitor = await visit();
  const mark = token();
  garbled(/^POST .*holds/, 1);
  await take(visitor, 10);
  await fill(visitor, mark);
  garbled(/^POST .*appointments/, 2);
  await visitor.submit();
  await booked(visitor);
  assert.ok(sent('appointments') >= 3 && sent('holds') >= 2);
  assert.equal((await stage.gateway.stored(mark)).length, 1);
});

test('a slot whose answer comes after another service was chosen is handed back', async () => {
  const visitor = await visit('service="checkup" practitioner="li"');
  await day(visitor, 12);
  const before = released();
  const answer = stage.proxy.hold(/^POST .*holds/);
  await free(visitor).first().click();
  await visitor.find('[id=c-service]').click();
  await step(visitor, 'service');
  answer();
  await until('the slot to be handed back', () => released() > before);
  assert.equal(await visitor.find('[part~=flow]').getAttribute('data-step'), 'service');
});

test('what is being sent is not given up by a link', async () => {
  const visitor = await visit();
  const mark = token();
  await take(visitor, 13);
  await fill(visitor, mark);
  const answer = stage.proxy.hold(/^POST .*appointments/);
  await visitor.submit();
  await visitor.find('[data-phase=sending]').waitFor();
  await visitor.find('[id=c-time]').click();
  answer();
  await booked(visitor);
  assert.equal((await stage.gateway.stored(mark)).length, 1);
});

/** Somebody books in a tab, without a network, and closes it. */
const leaves = async (mark) => {
  const context = await browser.newContext(PHONE);
  const visitor = await open(context, page());
  await visitor.hydrated();
  await take(visitor, 14);
  await fill(visitor, mark);
  const calm = stage.proxy.cut(/^POST .*(appointments|waitlist)/);
  await visitor.submit();
  await visitor.find('[data-phase=waiting]').waitFor();
  await visitor.page.close();
  return { context, calm };
};

test('a booking that could not be sent is shown with its answers when its visitor returns, and is booked', async () => {
  const mark = token();
  const { context, calm } = await leaves(mark);
  const again = await open(context, page());
  await step(again, 'details');
  assert.equal(await again.field('name').inputValue(), mark);
  await again.find('[data-phase=waiting]').waitFor();
  calm();
  await booked(again);
  assert.equal((await stage.gateway.stored(mark)).length, 1);
});

test('a booking that could not be sent can be given up, and something else done', async () => {
  const mark = token();
  const { context, calm } = await leaves(mark);
  const again = await open(context, page());
  await again.find('[id=b-discard]').click();
  await again.find('[data-phase=""], [data-phase=over]').first().waitFor();
  // Another one is on its way when the pause of the one that was given up is over.
  const other = token();
  await again.find('[id=c-service]').click();
  await step(again, 'service');
  await again.find('[id=c-checkup]').click();
  await again.find('[id=c-any]').click();
  await day(again, 6);
  await free(again).first().click();
  await step(again, 'details');
  await fill(again, other);
  await again.submit();
  await again.find('[data-phase=waiting]').waitFor();
  calm();
  await booked(again);
  await pause(3_000);
  assert.deepEqual([(await stage.gateway.stored(mark)).length, (await stage.gateway.stored(other)).length], [0, 1]);
});

test('a place on the waitlist that could not be sent is asked for again when its visitor returns', async () => {
  const context = await browser.newContext(PHONE);
  const visitor = await open(context, page('service="rare"'));
  await visitor.hydrated();
  await visitor.find('[id=b-join]').click();
  const mark = token();
  await fill(visitor, mark);
  const calm = stage.proxy.cut(/^POST .*waitlist/);
  await visitor.submit();
  await visitor.find('[data-phase=waiting]').waitFor();
  await visitor.page.close();
  calm();
  const again = await open(context, page());
  await step(again, 'waiting');
  assert.equal((await stage.gateway.stored(mark)).length, 1);
});

test('a link whose answer does not come is tried again, and then by a button', async () => {
  const { id, token } = await desk.book('vaccine', (await free_('vaccine'))[1]);
  const calm = stage.proxy.cut(/^GET .*appointments/);
  const visitor = await open(browser, `${page()}#${id}.${token}`);
  await visitor.find('[id=b-again]').waitFor();
  assert.equal(await visitor.find('[id=c-dentistry]').count(), 0);
  assert.ok(stage.proxy.seen(/^GET .*appointments/).length >= 3);
  calm();
  await visitor.find('[id=b-again]').click();
  await booked(visitor);
});

for (const way of ['WebAssembly', 'the plain way', 'no scripts']) {
  test(`an appointment is moved once that is confirmed, by ${way}`, async () => {
    const { id, token, start } = await desk.book('checkup', (await free_('checkup'))[0]);
    let visitor;
    if (way === 'no scripts') {
      // Without scripts nobody reads what is behind `#`.
      visitor = await Visitor.open(browser, `${stage.gateway.url}/b/clinic`, { pick: 'crm-booking', options: SCRIPTLESS });
      await take(visitor, 15);
      await fill(visitor, 'Ann');
      await visitor.submit();
    } else {
      visitor = await open(browser, `${page(way === 'the plain way' ? 'wasm="off"' : '')}#${id}.${token}`);
    }
    await booked(visitor);
    const before = await visitor.find('[part=facts] time').getAttribute('datetime');
    await visitor.find('[id=b-move]').click();
    await step(visitor, 'move');
    assert.match(await visitor.find('[part=stage] [part=intro]').first().innerText(), /At present/);
    await free(visitor).last().click();
    await step(visitor, 'confirm');
    await visitor.find('[id=b-keep]').click();
    await step(visitor, 'booked');
    assert.equal(await visitor.find('[part=facts] time').getAttribute('datetime'), before);
    await visitor.find('[id=b-move]').click();
    await free(visitor).last().click();
    await visitor.find('[id=b-yes]').click();
    await step(visitor, 'booked');
    assert.notEqual(await visitor.find('[part=facts] time').getAttribute('datetime'), before);
    assert.ok(start);
  });
}

test('free slots that cannot be had are asked for less and less often, and that is said once', async () => {
  const context = await browser.newContext(PHONE);
  await context.clock.install();
  const visitor = await open(context, page('service="cleaning"'));
  await visitor.hydrated();
  await free(visitor).first().waitFor();
  stage.proxy.cut(/^GET .*slots/);
  const before = stage.proxy.seen(/^GET .*slots/).length;
  for (let second = 0; second < 120; second += 1) {
    await context.clock.runFor(1_000);
    await pause(20);
  }
  const asked = stage.proxy.seen(/^GET .*slots/).length - before;
  assert.ok(asked >= 2 && asked <= 5, `${asked} in two minutes`);
  assert.equal((await visitor.heard('crm-error')).length, 1);
});

test('free slots are not asked for out of sight, and at once when they are seen again', async () => {
  const context = await browser.newContext(PHONE);
  await context.clock.install();
  const url = stage.page('<crm-booking service="cleaning"></crm-booking><div style="height:5000px"></div><p id="end">End</p>');
  const visitor = await open(context, url);
  await visitor.hydrated();
  await free(visitor).first().waitFor();
  await visitor.page.evaluate(() => scrollTo(0, 1e6));
  const asked = () => stage.proxy.seen(/^GET .*slots/).length;
  await context.clock.runFor(2_000);
  const before = asked();
  await context.clock.runFor(60_000);
  await pause(300);
  assert.equal(asked(), before);
  await visitor.page.evaluate(() => scrollTo(0, 0));
  await context.clock.runFor(1_500);
  await until('a look', () => asked() > before);
});

test('a time that is pressed before somebody can act is taken', async () => {
  const context = await browser.newContext(PHONE);
  const slow = async (route) => (await pause(1_500), route.continue());
  await context.route(/booking-.*wasm/, slow);
  await context.route(/slots\?/, (route) => route.abort());
  const visitor = await open(context, `${stage.gateway.url}/b/clinic?service=checkup&practitioner=li`);
  await free(visitor).last().click();
  await step(visitor, 'details');
});

test('past its deadlines an appointment says so, and before them until when it may be changed', async () => {
  const { id, token } = await desk.book('vaccine', (await free_('vaccine'))[2]);
  const visitor = await open(browser, `${page()}#${id}.${token}`);
  await booked(visitor);
  assert.match(await visitor.find('[part=stage]').innerText(), /possible until \w+/);
  await stage.apply((site) => {
    const service = site.booking.services.find(({ key }) => key === 'vaccine');
    service.cancel = service.move = 100_000;
  });
  await until('the deadline to be over', async () => {
    await visitor.page.reload();
    await booked(visitor);
    return /too late/.test(await visitor.find('[part=stage]').innerText());
  });
  assert.equal(await visitor.find('[id=b-move], [id=b-cancel]').count(), 0);
});

test('keys that are the browser\'s are left to it in the calendar', async () => {
  const visitor = await visit('service="cleaning"');
  await day(visitor, 2);
  const kept = await visitor.find('[part~=day][tabindex="0"]').evaluate((element) => {
    const press = (more) => element.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true, cancelable: true, composed: true, ...more }));
    return [{ altKey: true }, { ctrlKey: true }, {}].map(press);
  });
  assert.deepEqual(kept, [true, true, false]);
});

test('the focus stays in the element where what had it is gone', async () => {
  const visitor = await visit('service="cleaning"');
  await free(visitor).first().waitFor();
  while (await visitor.find('a[id=m-after]').count()) {
    await visitor.find('[id=m-after]').focus();
    await visitor.page.keyboard.press('Enter');
    await pause(200);
  }
  assert.equal(await visitor.page.evaluate(() => document.activeElement.localName), 'crm-booking');
});

test('a page of others keeps its history', async () => {
  const visitor = await visit();
  const before = await visitor.page.evaluate(() => [history.length, location.href, history.state]);
  await take(visitor, 17);
  assert.deepEqual(await visitor.page.evaluate(() => [history.length, location.href, history.state]), before);
});

test('a reload keeps the slot and what was typed; what was agreed to is asked again', async () => {
  const visitor = await visit();
  await take(visitor, 18);
  const mark = token();
  await fill(visitor, mark);
  const holds = sent('holds');
  await visitor.page.reload();
  await step(visitor, 'details');
  assert.equal(await visitor.field('name').inputValue(), mark);
  assert.equal(await visitor.field('privacy').isChecked(), false);
  assert.ok(await visitor.find('[part=clock]').isVisible());
  await visitor.field('privacy').check();
  await visitor.submit();
  await booked(visitor);
  assert.equal(sent('holds'), holds);
});

test('an element in another language keeps slot and answers; one that is gone hands the slot back', async () => {
  const before = released();
  const visitor = await visit();
  await take(visitor, 19);
  await visitor.field('name').fill('Mia');
  await visitor.page.locator('crm-booking').evaluate((element) => element.setAttribute('lang', 'zh-CN'));
  await visitor.find('[part~=base][lang="zh-CN"][data-by=wasm]').waitFor({ state: 'attached' });
  await step(visitor, 'details');
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
  await pause(4_000);
  assert.equal(released(), before);
  await visitor.page.locator('crm-booking').evaluate((element) => element.remove());
  await until('the slot to be handed back', () => released() === before + 1);
});

test('a press to copy says that it copied', async () => {
  const { id, token } = await desk.book('vaccine', (await free_('vaccine'))[3]);
  const visitor = await open(browser, `${page()}#${id}.${token}`);
  await booked(visitor);
  await visitor.find('[id=b-copy]').click();
  await until('it to be said', async () => (await visitor.find('[id=b-copy]').innerText()) === 'Copied');
});

test('links of a first view lead to the gateway before anything was pressed', async () => {
  const visitor = await visit();
  const links = await visitor.find('a[data-act=go]').evaluateAll((all) => all.map(({ href }) => href));
  assert.ok(links.length && links.every((link) => link.startsWith(`${stage.proxy.url}/b/clinic`)), links[0]);
});

test('reset while an appointment is being moved leads to the first question', async () => {
  const { id, token } = await desk.book('checkup', (await free_('checkup'))[1]);
  const visitor = await open(browser, `${page()}#${id}.${token}`);
  await visitor.find('[id=b-move]').click();
  await visitor.find('[id=c-practitioner]').click();
  await visitor.find('[id=c-any]').waitFor();
  await visitor.find('[id=b-keep]').waitFor();
  await visitor.call('reset');
  await step(visitor, 'department');
});

// Without WebAssembly.

const plainly = async (attributes = '', more) => {
  const visitor = await open(browser, page(`wasm="off" ${attributes}`, more));
  await visitor.plain();
  return visitor;
};

test('without WebAssembly: free times come by themselves, of the practitioner who is named', async () => {
  const visitor = await plainly('service="cleaning"');
  await visitor.page.mouse.move(0, 0);
  await free(visitor).first().waitFor();
  const other = await plainly('service="checkup" practitioner="li"');
  await step(other, 'time');
  assert.match(await other.find('[part=chosen]').innerText(), /Li Jing/);
});

test('without WebAssembly: the link to keep leads to the gateway', async () => {
  const visitor = await plainly();
  await book(visitor, 3);
  assert.ok((await visitor.find('[id=b-manage]').getAttribute('href')).startsWith(`${stage.proxy.url}/b/clinic?`));
});

test('without WebAssembly: what the visitor wrote stays over errors and steps, and what was kept is handed back', async () => {
  const visitor = await plainly(`fields='{"name":"Given"}'`);
  await take(visitor, 4);
  assert.equal(await visitor.field('name').inputValue(), 'Given');
  await visitor.field('name').fill('Mia');
  await visitor.submit();
  await visitor.find('[data-error=phone]').waitFor({ state: 'visible' });
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
  await visitor.field('reason').fill('Pain');
  const before = released();
  await visitor.find('[id=c-time]').click();
  await step(visitor, 'time');
  assert.equal(released(), before + 1);
  await day(visitor, 4);
  await free(visitor).first().click();
  await step(visitor, 'details');
  assert.equal(await visitor.field('reason').inputValue(), 'Pain');
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
});

test('without WebAssembly: each event is heard once, with the same detail', async () => {
  const visitor = await plainly();
  await book(visitor, 5);
  await visitor.find('[id=b-move]').click();
  await step(visitor, 'move');
  await visitor.find('[id=b-keep]').click();
  await step(visitor, 'booked');
  const detail = async (name) => (await visitor.heard(name)).map(({ detail }) => detail);
  const [held, ...more] = await detail('crm-held');
  assert.deepEqual([Object.keys(held).sort(), more.length], [['practitioner', 'seconds', 'service', 'start'], 0]);
  assert.ok(held.seconds > 60 && held.service === 'checkup');
  const [done, ...others] = await detail('crm-booked');
  assert.deepEqual([Object.keys(done).sort(), others.length], [['code', 'id', 'practitioner', 'service', 'start', 'status'], 0]);
  assert.equal(done.start, held.start);
  assert.deepEqual((await detail('crm-submit')).map(({ form }) => form), ['visit']);
});

test('without WebAssembly: a request that is never answered ends, and the element works on', async () => {
  const visitor = await plainly();
  await visitor.page.evaluate(() => {
    const { open } = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function (...args) {
      open.apply(this, args);
      Object.defineProperty(this, 'timeout', { set: (time) => (window.patience = time) });
      setTimeout(() => window.patience && this.ontimeout(), 100);
    };
  });
  const answer = stage.proxy.hold(/^GET \/b\/clinic/);
  await visitor.find('[id=c-dentistry]').click();
  await until('that it did not work', async () => /again/.test(await visitor.find('[part~=alert]').innerText()));
  answer();
  await visitor.find('[id=c-dentistry]').click();
  await step(visitor, 'service');
});
