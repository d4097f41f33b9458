// The hosted page: the same form as a page of its own, with and without scripts.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { Stage } from './support/stage.mjs';
import { SCRIPTLESS, Visitor, enquiry, token } from './support/visitor.mjs';

let stage;
let browser;
before(async () => ([stage, browser] = await Promise.all([Stage.start(), launch()])));
afterEach(() => stage.tidy(browser));
after(async () => Promise.all([stage?.stop(), browser?.close()]));

const open = (path, options = {}) => Visitor.open(browser, stage.gateway.url + path, { options });

test('without scripts: errors come back with what was typed, then the thank-you with its code, once', async () => {
  const visitor = await open('/f/clinic/enquiry?lang=zh-CN', SCRIPTLESS);
  const mark = token();
  assert.match(await visitor.button('title').first().innerText(), /在线咨询/);
  await visitor.field('name').fill(`王小明 ${mark}`);
  await visitor.field('email').fill('nonsense');
  await visitor.field('topic').selectOption('other');
  await visitor.submit();
  await visitor.find('[data-error="email"]').waitFor({ state: 'visible' });
  await visitor.find('[data-error="privacy"]').waitFor({ state: 'visible' });
  assert.equal(await visitor.field('name').inputValue(), `王小明 ${mark}`);
  assert.equal(await visitor.field('topic').inputValue(), 'other');
  await visitor.field('email').fill('wang@example.com');
  await visitor.field('subject').fill('没有脚本');
  await visitor.field('message').fill('你好，请问？');
  await visitor.field('privacy').check();
  await visitor.submit();
  const thanks = visitor.button('thanks');
  await thanks.waitFor({ state: 'visible' });
  const receipt = (await thanks.innerText()).match(/[0-9A-Z]{4}-[0-9A-Z]{4}/)[0];
  const { answers, ...sent } = await stage.arrived(mark);
  assert.deepEqual([answers.email, answers.subject, answers.message, sent.receipt], ['wang@example.com', '没有脚本', '你好，请问？', receipt]);
  await visitor.page.reload();
  assert.match(await thanks.innerText(), new RegExp(receipt), 'reloading sends nothing again');
  assert.equal((await stage.gateway.stored(mark)).length, 1);
});

test('without scripts: all pages of the registration are there, and a file goes along', async () => {
  const visitor = await open('/f/clinic/registration', SCRIPTLESS);
  const mark = token();
  await visitor.field('name').fill(mark);
  await visitor.field('born').fill('1990-04-01');
  await visitor.find('[name="visited"][value="yes"]').check();
  await visitor.find('[name="stars"][value="5"]').check({ force: true });
  await visitor.find('[name="parts.staff"][value="good"]').check();
  await visitor.field('report').setInputFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF') });
  await visitor.field('privacy').check();
  assert.equal(await visitor.button('next').isVisible(), false);
  await visitor.submit();
  await visitor.button('thanks').waitFor({ state: 'visible' });
  const { answers } = await stage.arrived(mark);
  assert.deepEqual([answers.stars, answers.parts, answers.report.length], [5, { staff: 'good' }, 1]);
});

test('without scripts: pressed twice is sent once', async () => {
  const visitor = await open('/f/clinic/callback', SCRIPTLESS);
  const mark = token();
  await visitor.field('name').fill(mark);
  await visitor.field('phone').fill('（021）6123 4567');
  await visitor.button('submit').dblclick();
  await visitor.button('thanks').waitFor({ state: 'visible' });
  assert.equal((await stage.arrived(mark)).answers.phone, '+862161234567');
  assert.equal((await stage.gateway.stored(mark)).length, 1);
});

test('with scripts: the same page is taken over and sent by them', async () => {
  const visitor = await open('/f/clinic/enquiry');
  const mark = token();
  await visitor.field('name').waitFor({ state: 'visible' });
  await visitor.hydrated();
  await visitor.fill(enquiry(mark));
  await visitor.submit();
  await visitor.thanked();
  await stage.arrived(mark);
  assert.deepEqual(await visitor.violations(), []);
  assert.deepEqual(visitor.faults, []);
});

test('the host page\'s fallback link leads to a form that works', async () => {
  const link = `<a href="${stage.gateway.url}/f/clinic/callback">Call me</a>`;
  const visitor = await Visitor.open(browser, stage.page(`<crm-contact form="callback">${link}</crm-contact>`), { options: SCRIPTLESS });
  await visitor.page.getByText('Call me').click();
  const mark = token();
  await visitor.field('name').fill(mark);
  await visitor.field('phone').fill('13812345678');
  await visitor.submit();
  await visitor.button('thanks').waitFor({ state: 'visible' });
  await stage.arrived(mark);
});

test('what is too large has a page that says so, for forms and for booking', async () => {
  for (const path of ['/f/clinic/enquiry', '/b/clinic']) {
    const body = new URLSearchParams({ message: 'x'.repeat(300_000) });
    const answer = await fetch(`${stage.gateway.url}${path}?lang=zh-CN`, { method: 'POST', body });
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [413, 'text/html; charset=utf-8'], path);
    assert.match(await answer.text(), /<html lang="zh-CN"/);
  }
});
