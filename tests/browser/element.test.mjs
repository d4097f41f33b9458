// What web masters build on: attributes, events, methods, modes, and what the element keeps its hands off.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { Stage } from './support/stage.mjs';
import { Visitor, enquiry, token } from './support/visitor.mjs';
import { pause, until } from './support/wait.mjs';

let stage;
let browser;
before(async () => ([stage, browser] = await Promise.all([Stage.start(), launch()])));
afterEach(() => stage.tidy(browser));
after(async () => Promise.all([stage?.stop(), browser?.close()]));

const ENQUIRY = '<crm-contact form="enquiry"></crm-contact>';
const visit = (body, page, open) => Visitor.open(browser, stage.page(body, page), open);

/** Both ways a form can be answered for. */
const WAYS = { 'with WebAssembly': 'on', 'the plain way': 'off' };

for (const [way, wasm] of Object.entries(WAYS)) {
  test(`events bubble out of the shadow root and never tell what was typed, except crm-submit: ${way}`, async () => {
    const visitor = await visit(ENQUIRY, { wasm });
    const mark = token();
    await visitor.fill(enquiry(mark));
    await visitor.submit();
    await visitor.thanked();
    const heard = await visitor.heard();
    const names = new Set(heard.map(({ name }) => name));
    for (const name of ['crm-ready', 'crm-start', 'crm-change', 'crm-submit', 'crm-submitted']) assert.ok(names.has(name), `${name} of ${[...names]}`);
    for (const { name, target, composed, cancelable, detail } of heard) {
      assert.equal(target, 'crm-contact', name);
      assert.equal(composed, true, name);
      assert.equal(cancelable, name === 'crm-submit', `${name} cancelable`);
      if (name !== 'crm-submit') assert.doesNotMatch(JSON.stringify(detail), new RegExp(`${mark}|mia@example`), name);
    }
    assert.equal(heard.filter(({ name }) => name === 'crm-start').length, 1);
    assert.equal(heard.filter(({ name }) => name === 'crm-submitted').length, 1);
    assert.equal(heard.find(({ name }) => name === 'crm-submit').detail.data.name, `Mia ${mark}`);
    const { detail } = heard.find(({ name }) => name === 'crm-submitted');
    assert.equal(detail.form, 'enquiry');
    assert.match(detail.id, /^sub_/);
    assert.match(detail.receipt, /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    await visitor.close();
  });

  test(`crm-submit can be cancelled, and then nothing is sent or kept: ${way}`, async () => {
    const visitor = await visit(ENQUIRY, { wasm });
    await visitor.page.evaluate(() => document.addEventListener('crm-submit', (event) => window.allow || event.preventDefault()));
    const mark = token();
    await visitor.fill(enquiry(mark));
    await visitor.submit();
    await until('crm-submit', async () => (await visitor.heard('crm-submit')).length > 0);
    await pause(500);
    assert.equal((await visitor.heard('crm-submitted')).length, 0);
    assert.deepEqual((await visitor.kept()).databases, []);
    await visitor.page.evaluate(() => (window.allow = true));
    await visitor.submit();
    await visitor.thanked();
    await stage.arrived(mark);
    await visitor.close();
  });

  test(`methods: setFields, getData, submit and reset: ${way}`, async () => {
    const visitor = await visit(ENQUIRY, { wasm });
    const mark = token();
    await visitor.ready();
    await visitor.call('setFields', { name: 'Before', topic: 'other' });
    if (way === 'with WebAssembly') await visitor.hydrated();
    assert.equal(await visitor.field('name').inputValue(), 'Before');
    await visitor.call('setFields', { ...enquiry(mark), subject: 'Methods', source: 'campaign', privacy: 'yes' });
    assert.equal(await visitor.field('subject').isVisible(), true, 'a condition follows setFields');
    assert.equal(await visitor.field('privacy').isChecked(), false, 'a consent is the visitor\'s own act');
    const data = await visitor.call('getData');
    assert.equal(data.name, `Mia ${mark}`);
    assert.equal(data.topic, 'other');
    await visitor.field('privacy').check();
    await visitor.call('submit');
    await visitor.thanked();
    const { answers } = await stage.arrived(mark);
    assert.deepEqual([answers.subject, answers.source], ['Methods', 'campaign']);
    await visitor.call('reset');
    await visitor.field('name').waitFor({ state: 'visible' });
    assert.equal(await visitor.field('name').inputValue(), '');
    await visitor.close();
  });

  test(`what no longer applies is neither asked nor sent: ${way}`, async () => {
    const visitor = await visit(ENQUIRY, { wasm });
    const mark = token();
    await visitor.fill(enquiry(mark));
    await visitor.field('topic').selectOption('other');
    await visitor.field('subject').fill('Left out again');
    await visitor.field('topic').selectOption('visit');
    await visitor.submit();
    await visitor.thanked();
    assert.equal('subject' in (await stage.arrived(mark)).answers, false);
    await visitor.close();
  });

  test(`nothing is stored before the first input, nor after it where drafts are not allowed: ${way}`, async () => {
    const visitor = await visit(ENQUIRY, { wasm });
    const nothing = { cookies: '', local: [], session: [], databases: [] };
    await visitor.ready();
    await pause(1_500);
    assert.deepEqual(await visitor.kept(), nothing);
    await visitor.field('name').fill('Mia');
    await pause(1_500);
    assert.deepEqual(await visitor.kept(), nothing);
    await visitor.close();
  });

  test(`two elements of one form stay apart: ${way}`, async () => {
    const visitor = await visit(`<crm-contact id="one" form="callback"></crm-contact><crm-contact id="two" form="callback"></crm-contact>`, { wasm });
    const marks = [token(), token()];
    for (const [at, pick] of ['#one', '#two'].entries()) {
      visitor.pick = pick;
      await visitor.fill({ name: marks[at], phone: '021 6123 4567' }, false);
    }
    for (const pick of ['#one', '#two']) {
      visitor.pick = pick;
      await visitor.submit();
      await visitor.thanked();
    }
    for (const mark of marks) assert.equal((await stage.arrived(mark)).answers.phone, '+862161234567');
    await visitor.close();
  });
}

test('a draft is kept after the first input where the form allows it, and is gone once it is sent', async () => {
  const context = await browser.newContext();
  const address = stage.page('<crm-contact form="kept"></crm-contact>');
  const first = await Visitor.open(context, address);
  await first.ready();
  await pause(1_000);
  assert.deepEqual(await first.kept(), { cookies: '', local: [], session: [], databases: [] });
  const mark = token();
  await first.field('name').fill(mark);
  await first.field('message').fill('Half a sentence');
  await pause(1_500);
  await first.page.close();
  const second = await Visitor.open(context, address);
  await until('the draft', async () => (await second.field('name').inputValue()) === mark);
  assert.equal(await second.field('message').inputValue(), 'Half a sentence');
  await second.submit();
  await second.thanked();
  await stage.arrived(mark);
  const third = await Visitor.open(context, address);
  await third.ready();
  await third.hydrated();
  await pause(500);
  assert.equal(await third.field('name').inputValue(), '');
  await context.close();
});

test('a draft has what was typed last, however soon the page is left', async () => {
  const context = await browser.newContext();
  const address = stage.page('<crm-contact form="kept"></crm-contact>');
  const visitor = await Visitor.open(context, address);
  await visitor.field('name').fill('Mia');
  await visitor.hydrated();
  await pause(1_000);
  await visitor.field('message').fill('Half a sentence');
  await visitor.page.goto(stage.page('<p>Elsewhere</p>'));
  await visitor.page.goto(address);
  await until('the draft', async () => (await visitor.field('message').inputValue()) === 'Half a sentence');
  await context.close();
});

test('prefilled by the attribute, by the page\'s address, and by setFields; campaign and page go along', async () => {
  const body = `<crm-contact form="enquiry" fields='{"message":"From the attribute"}'></crm-contact>`;
  const path = '/prefilled';
  const mark = token();
  stage.page(body, { path });
  const address = `${stage.host.origin}${path}?name=${mark}&src=leaflet&utm_source=post&secret=hush#part`;
  const visitor = await Visitor.open(browser, address);
  await until('the name', async () => (await visitor.field('name').inputValue()) === mark);
  assert.equal(await visitor.field('message').inputValue(), 'From the attribute');
  await visitor.call('setFields', { email: 'mia@example.com' });
  await visitor.field('privacy').check();
  await visitor.submit();
  await visitor.thanked();
  const { answers, context } = await stage.arrived(mark);
  assert.deepEqual([answers.source, answers.email], ['leaflet', 'mia@example.com']);
  assert.equal(context.campaign.utm_source, 'post');
  assert.match(context.page, /\/prefilled/);
  assert.doesNotMatch(JSON.stringify(context), /hush|part/);
  assert.ok(context.timeZone && context.language);
  await visitor.close();
});

for (const mode of ['popup', 'launcher']) {
  test(`${mode}: closed until it is asked for, opens by click and method, tells so, sends`, async () => {
    const before = stage.proxy.requests.length;
    const visitor = await visit(`<crm-contact form="callback" mode="${mode}" label="Ring me"><a href="/f" id="opener">Ring me</a></crm-contact>`);
    await until('the element', () => visitor.page.evaluate(() => !!customElements.get('crm-contact')));
    await pause(1_000);
    assert.equal(stage.proxy.requests.slice(before).some((line) => /callback/.test(line)), false, 'nothing fetched while closed');
    const opener = mode === 'popup' ? visitor.page.locator('#opener') : visitor.find('[part~="launcher"]');
    await opener.click();
    await visitor.field('name').waitFor({ state: 'visible' });
    const mark = token();
    await visitor.field('name').fill(mark);
    await visitor.call('close');
    await visitor.field('name').waitFor({ state: 'hidden' });
    await visitor.call('open');
    assert.equal(await visitor.field('name').inputValue(), mark, 'closing keeps what was typed');
    await visitor.field('phone').fill('13812345678');
    await visitor.submit();
    await visitor.thanked();
    await stage.arrived(mark);
    const names = (await visitor.heard()).map(({ name }) => name).filter((name) => /open|close/.test(name));
    assert.deepEqual(names, ['crm-open', 'crm-close', 'crm-open']);
    assert.equal(new URL(visitor.page.url()).pathname.startsWith('/f'), false, 'the fallback link is not followed');
    await visitor.close();
  });
}

test('moved, removed and put back, before and after hydration: what was typed stays', async () => {
  const release = stage.proxy.hold(/\.wasm$/);
  const visitor = await visit(`${ENQUIRY}<section id="elsewhere"></section>`);
  const mark = token();
  await visitor.fill(enquiry(mark));
  const move = () => visitor.page.evaluate(async () => {
    const element = document.querySelector('crm-contact') ?? window.element;
    document.querySelector('#elsewhere').append(element);
    window.element = element;
    element.remove();
    await new Promise((done) => setTimeout(done, 100));
    document.querySelector('main').append(element);
  });
  await move();
  await until('the name', async () => (await visitor.field('name').inputValue()) === `Mia ${mark}`, 3_000);
  release();
  await visitor.hydrated();
  await move();
  await until('the name', async () => (await visitor.field('name').inputValue()) === `Mia ${mark}`, 3_000);
  await visitor.submit();
  await visitor.thanked();
  await stage.arrived(mark);
  assert.deepEqual(visitor.faults, []);
  await visitor.close();
});

test('two scripts on one page, and twenty elements: one definition, every element works', async () => {
  const extra = `<script type="module" src="${stage.proxy.url}/embed.js?site=clinic&again"></script>`;
  const body = Array.from({ length: 20 }, (_, at) => `<crm-contact id="e${at}" form="callback"></crm-contact>`).join('');
  const views = () => stage.proxy.seen(/GET \/view\/contact\/clinic\/callback/).length;
  const before = views();
  const visitor = await visit(body, { head: extra });
  await until('all ready', async () => (await visitor.heard('crm-ready')).length === 20);
  assert.ok(views() - before <= 2, 'the view is fetched once for all');
  for (const at of [0, 19]) {
    visitor.pick = `#e${at}`;
    const mark = token();
    await visitor.fill({ name: mark, phone: '13812345678' }, false);
    await visitor.submit();
    await visitor.thanked();
    await stage.arrived(mark);
  }
  assert.deepEqual(visitor.faults, []);
  await visitor.close();
});

test('changing lang changes the texts and keeps what was typed', async () => {
  const visitor = await visit();
  await visitor.field('name').fill('Mia');
  await visitor.hydrated();
  await visitor.page.locator('crm-contact').evaluate((element) => element.setAttribute('lang', 'zh-TW'));
  await until('Traditional Chinese', async () => /線上諮詢/.test(await visitor.find('[part~="title"]').first().innerText()));
  assert.equal(await visitor.field('name').inputValue(), 'Mia');
  await visitor.close();
});

test('thanks that redirect lead to the page that the form names', async () => {
  stage.host.page('<!doctype html><title>Thank you</title>', { path: '/thank-you' });
  const visitor = await visit('<crm-contact form="leaving"></crm-contact>');
  const mark = token();
  await visitor.field('name').fill(mark);
  await visitor.submit();
  await visitor.page.waitForURL(`${stage.host.origin}/thank-you`);
  await stage.arrived(mark);
  await visitor.close();
});

for (const [way, wasm] of Object.entries(WAYS)) {
  test(`uploads: sent along, wrong types and sizes refused where they are chosen: ${way}`, async () => {
    const visitor = await visit('<crm-contact form="registration"></crm-contact>', { wasm });
    const mark = token();
    const file = (name, size, mimeType = 'application/pdf') => ({ name, mimeType, buffer: Buffer.concat([Buffer.from('%PDF-1.4\n'), Buffer.alloc(size, 32)]) });
    await visitor.fill({ name: mark, born: '1990-04-01' }, false);
    await visitor.find('[name="visited"][value="no"]').check();
    if (way === 'with WebAssembly') {
      await visitor.hydrated();
      await visitor.button('next').click();
    }
    await visitor.field('report').setInputFiles(file('big.pdf', 200_000));
    await visitor.field('privacy').check();
    await visitor.submit();
    await visitor.find('[data-error="report"]').waitFor({ state: 'visible' });
    if (way === 'with WebAssembly') await visitor.find('[part~="remove"]').click();
    await visitor.field('report').setInputFiles([file('报告.pdf', 100), file('second.pdf', 100)]);
    await visitor.submit();
    await visitor.thanked();
    const { answers } = await stage.arrived(mark);
    assert.equal(answers.report.length, 2);
    assert.match(JSON.stringify(answers.report), /upl_/);
    await visitor.close();
  });
}

test('no host but the gateway is asked for anything', async () => {
  const context = await browser.newContext();
  const hosts = new Set();
  context.on('request', (request) => hosts.add(new URL(request.url()).origin));
  const visitor = await Visitor.open(context, stage.page());
  const mark = token();
  await visitor.fill(enquiry(mark));
  await visitor.submit();
  await visitor.thanked();
  await stage.arrived(mark);
  assert.deepEqual([...hosts].sort(), [stage.host.origin, stage.proxy.url].sort());
  await context.close();
});

test('a closed launcher: no WebAssembly, no view, no storage', async () => {
  const before = stage.proxy.requests.length;
  const visitor = await visit('<crm-contact form="callback" mode="launcher"></crm-contact>');
  await visitor.find('[part~="launcher"]').waitFor({ state: 'visible' });
  await pause(2_000);
  const asked = stage.proxy.requests.slice(before);
  assert.deepEqual(asked.filter((line) => !/embed\.js|style-|dialog-/.test(line)), []);
  assert.deepEqual(await visitor.kept(), { cookies: '', local: [], session: [], databases: [] });
  await visitor.close();
});

test('the children are there until the element is, and stay when the script cannot be had', async () => {
  const away = stage.proxy.cut(/embed\.js/);
  const visitor = await visit('<crm-contact form="enquiry"><a href="/f">Write to us</a></crm-contact>');
  assert.equal(await visitor.page.getByText('Write to us').isVisible(), true);
  away();
  await visitor.page.reload();
  await visitor.field('name').waitFor({ state: 'visible' });
  assert.equal(await visitor.page.getByText('Write to us').isVisible(), false);
  await visitor.close();
});

test('the first view cannot be had: the children stay, and crm-error says so', async () => {
  const away = stage.proxy.rule({ match: /\/view\//, before: () => 503 });
  const visitor = await visit('<crm-contact form="enquiry"><a href="/f">Write to us</a></crm-contact>');
  await until('crm-error', async () => (await visitor.heard('crm-error')).length > 0);
  assert.equal(await visitor.page.getByText('Write to us').isVisible(), true);
  away();
  await visitor.close();
});

test('custom properties and parts set the look from outside', async () => {
  const head = '<style>crm-contact{--crm-accent:#7a1fa2;--crm-radius:0px}crm-contact::part(title){letter-spacing:3px}</style>';
  const visitor = await visit(undefined, { head });
  await visitor.ready();
  const style = (locator, name) => locator.evaluate((element, name) => getComputedStyle(element)[name], name);
  assert.equal(await style(visitor.button('submit'), 'backgroundColor'), 'rgb(122, 31, 162)');
  assert.equal(await style(visitor.field('name'), 'borderTopLeftRadius'), '0px');
  assert.equal(await style(visitor.find('[part~="title"]').first(), 'letterSpacing'), '3px');
  await visitor.close();
});
