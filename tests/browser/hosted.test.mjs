// The hosted page: the same form as a page of its own, with and without scripts.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { launch } from './support/browser.mjs';
import { Stage } from './support/stage.mjs';
import { Visitor, enquiry, token } from './support/visitor.mjs';
import { until } from './support/wait.mjs';

let stage;
let browser;
before(async () => ([stage, browser] = await Promise.all([Stage.start(), launch()])));
afterEach(() => stage.tidy(browser));
after(async () => Promise.all([stage?.stop(), browser?.close()]));

const open = (path, options = {}) => Visitor.open(browser, stage.gateway.url + path, { options });
const UNSCRIPTED = { javaScriptEnabled: false };
const arrived = async (mark) => {
  await until(`${mark} at the CRM`, () => stage.crm.effects(mark).length > 0);
  assert.equal(stage.crm.effects(mark).length, 1);
  return stage.crm.effects(mark)[0].data;
};

test('without scripts: errors come back with what was typed, then the thank-you with its code, once', async () => {
  const { context, page } = await unscripted('/f/clinic/enquiry?lang=zh-CN');
  const mark = token();
  assert.match(await page.locator('[part~="title"]').first().innerText(), /在线咨询/);
  await page.locator('[name="name"]').fill(`王小明 ${mark}`);
  await page.locator('[name="email"]').fill('nonsense');
  await page.locator('[name="topic"]').selectOption('other');
  await page.locator('[part~="submit"]').click();
  await page.locator('[data-error="email"]').waitFor({ state: 'visible' });
  await page.locator('[data-error="privacy"]').waitFor({ state: 'visible' });
  assert.equal(await page.locator('[name="name"]').inputValue(), `王小明 ${mark}`);
  assert.equal(await page.locator('[name="topic"]').inputValue(), 'other');
  await page.locator('[name="email"]').fill('wang@example.com');
  await page.locator('[name="subject"]').fill('没有脚本');
  await page.locator('[name="message"]').fill('你好，请问？');
  await page.locator('[name="privacy"]').check();
  await page.locator('[part~="submit"]').click();
  const thanks = page.locator('[part~="thanks"]');
  await thanks.waitFor({ state: 'visible' });
  const receipt = (await thanks.innerText()).match(/[0-9A-Z]{4}-[0-9A-Z]{4}/)[0];
  const { answers, ...sent } = await arrived(mark);
  assert.deepEqual([answers.email, answers.subject, answers.message, sent.receipt], ['wang@example.com', '没有脚本', '你好，请问？', receipt]);
  await page.reload();
  assert.match(await thanks.innerText(), new RegExp(receipt), 'reloading sends nothing again');
  assert.equal((await stage.gateway.stored(mark)).length, 1);
  await context.close();
});

test('without scripts: all pages of the registration are there, and a file goes along', async () => {
  const { context, page } = await unscripted('/f/clinic/registration');
  const mark = token();
  await page.locator('[name="name"]').fill(mark);
  await page.locator('[name="born"]').fill('1990-04-01');
  await page.locator('[name="visited"][value="yes"]').check();
  await page.locator('[name="stars"][value="5"]').check({ force: true });
  await page.locator('[name="parts.staff"][value="good"]').check();
  await page.locator('[name="report"]').setInputFiles({ name: 'a.pdf', mimeType: 'application/pdf', buffer: Buffer.from('%PDF-1.4\n%%EOF') });
  await page.locator('[name="privacy"]').check();
  assert.equal(await page.locator('[part~="next"]').isVisible(), false);
  await page.locator('[part~="submit"]').click();
  await page.locator('[part~="thanks"]').waitFor({ state: 'visible' });
  const { answers } = await arrived(mark);
  assert.deepEqual([answers.stars, answers.parts, answers.report.length], [5, { staff: 'good' }, 1]);
  await context.close();
});

test('without scripts: pressed twice is sent once', async () => {
  const { context, page } = await unscripted('/f/clinic/callback');
  const mark = token();
  await page.locator('[name="name"]').fill(mark);
  await page.locator('[name="phone"]').fill('（021）6123 4567');
  await page.locator('[part~="submit"]').dblclick();
  await page.locator('[part~="thanks"]').waitFor({ state: 'visible' });
  assert.equal((await arrived(mark)).answers.phone, '+862161234567');
  assert.equal((await stage.gateway.stored(mark)).length, 1);
  await context.close();
});

test('with scripts: the same page is taken over and sent by them', async () => {
  const visitor = await open('/f/clinic/enquiry');
  const mark = token();
  await visitor.field('name').waitFor({ state: 'visible' });
  await visitor.hydrated();
  await visitor.fill(enquiry(mark));
  await visitor.submit();
  await visitor.thanked();
  await arrived(mark);
  assert.deepEqual(await visitor.violations(), []);
  assert.deepEqual(visitor.faults, []);
  await visitor.close();
});

test('the host page\'s fallback link leads to a form that works', async () => {
  const context = await browser.newContext(UNSCRIPTED);
  const page = await context.newPage();
  await page.goto(stage.page(`<crm-contact form="callback"><a href="${stage.gateway.url}/f/clinic/callback">Call me</a></crm-contact>`));
  await page.getByText('Call me').click();
  const mark = token();
  await page.locator('[name="name"]').fill(mark);
  await page.locator('[name="phone"]').fill('13812345678');
  await page.locator('[part~="submit"]').click();
  await page.locator('[part~="thanks"]').waitFor({ state: 'visible' });
  await arrived(mark);
  await context.close();
});

/** A tab without scripts; Playwright's own locators see through its declarative shadow roots. */
async function unscripted(path) {
  const context = await browser.newContext(UNSCRIPTED);
  const page = await context.newPage();
  await page.goto(stage.gateway.url + path);
  return { context, page };
}

test('what is too large has a page that says so, for forms and for booking', async () => {
  for (const path of ['/f/clinic/enquiry', '/b/clinic']) {
    const body = new URLSearchParams({ message: 'x'.repeat(300_000) });
    const answer = await fetch(`${stage.gateway.url}${path}?lang=zh-CN`, { method: 'POST', body });
    assert.deepEqual([answer.status, answer.headers.get('content-type')], [413, 'text/html; charset=utf-8'], path);
    assert.match(await answer.text(), /<html lang="zh-CN"/);
  }
});
