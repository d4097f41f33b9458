// Nothing typed is lost and nothing is sent twice: from the first key to the CRM, whatever happens in between.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { launch, launchIn } from './support/browser.mjs';
import { seeded } from './support/proxy.mjs';
import { Stage } from './support/stage.mjs';
import { Visitor, enquiry, token } from './support/visitor.mjs';
import { pause, until } from './support/wait.mjs';

const WASM = /\.wasm$/;
const POSTS = /^POST .*\/submissions$/;
const NO_WASM = (url) => `default-src 'self'; script-src ${url}; connect-src ${url}; style-src ${url}`;

let stage;
let browser;
before(async () => ([stage, browser] = await Promise.all([Stage.start(), launch()])));
afterEach(() => stage.tidy(browser));
after(async () => Promise.all([stage?.stop(), browser?.close()]));

const visit = (options) => Visitor.open(browser, stage.page(undefined, options));

/** The enquiry is at the CRM and in the database, once, with everything that was typed. */
async function arrivedOnce(mark, expected = enquiry(mark)) {
  await until(`${mark} at the CRM`, () => stage.crm.effects(mark).length > 0);
  await pause(300);
  const effects = stage.crm.effects(mark);
  assert.equal(effects.length, 1, 'effects at the CRM');
  assert.equal((await stage.gateway.stored(mark)).length, 1, 'rows at the gateway');
  const { answers } = effects[0].data;
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, answers[name]])), expected);
  return effects[0].data;
}

for (const [lang, send] of [['en', 'Send'], ['zh-CN', '提交'], ['zh-TW', '送出']]) {
  test(`typed and submitted before the wasm arrives, in ${lang}: at the CRM once and complete`, async () => {
    const release = stage.proxy.hold(WASM);
    const visitor = await visit({ lang });
    const mark = token();
    const written = { name: `王小明 ${mark}`, email: 'wang@example.com', phone: '+8613812345678', message: '你好，請問👋🏽 <b>"&' };
    await visitor.fill(written);
    await visitor.field('topic').selectOption('bill');
    assert.ok((await visitor.button('submit').innerText()).length > 0, send);
    const posts = stage.proxy.seen(POSTS).length;
    await visitor.submit();
    await pause(500);
    assert.equal(stage.proxy.seen(POSTS).length, posts, 'nothing can have been sent yet');
    release();
    const receipt = await visitor.thanked();
    const sent = await arrivedOnce(mark, { ...written, topic: 'bill', source: 'website' });
    assert.equal(sent.lang, lang);
    assert.equal(sent.receipt, receipt);
    assert.equal(sent.consents?.[0]?.purpose, 'contact');
    assert.deepEqual(visitor.faults, []);
    await visitor.close();
  });
}

test('hydration keeps the nodes, what was typed, the focus and the selection', async () => {
  const release = stage.proxy.hold(WASM);
  const visitor = await visit();
  const mark = token();
  await visitor.fill(enquiry(mark));
  await visitor.field('name').focus();
  await visitor.page.evaluate(() => {
    const root = document.querySelector('crm-contact').shadowRoot;
    root.activeElement.setSelectionRange(1, 3);
    window.before = [...root.querySelectorAll('form, input, textarea, select')];
  });
  release();
  await visitor.hydrated();
  const now = await visitor.page.evaluate(() => {
    const root = document.querySelector('crm-contact').shadowRoot;
    const nodes = [...root.querySelectorAll('form, input, textarea, select')];
    const { name, selectionStart, selectionEnd } = root.activeElement;
    return { same: nodes.length === window.before.length && nodes.every((node, at) => node === window.before[at]), name, selectionStart, selectionEnd };
  });
  assert.deepEqual(now, { same: true, name: 'name', selectionStart: 1, selectionEnd: 3 });
  assert.equal(await visitor.field('message').inputValue(), `Question ${mark}`);
  assert.equal(await visitor.field('privacy').isChecked(), true);
  await visitor.submit();
  await visitor.thanked();
  await arrivedOnce(mark);
  await visitor.close();
});

for (const wasm of [undefined, 'off']) {
  test(`an IME composition goes on while ${wasm ? 'the plain way' : 'WebAssembly'} takes over, and Enter in it never submits`, async () => {
    const release = stage.proxy.hold(/\.wasm$|\/plain-/);
    const visitor = await visit({ lang: 'zh-CN', wasm });
    const mark = token();
    await visitor.fill(enquiry(mark));
    await visitor.field('name').fill(mark);
    await visitor.field('name').press('End');
    const keys = await visitor.keys();
    const submits = async () => (await visitor.heard('crm-submit')).length;
    for (const taken of [false, true]) {
      await keys.compose('nihao');
      if (!taken) release();
      await pause(1_000);
      assert.equal(await visitor.field('name').inputValue(), `${mark}${taken ? '你好' : ''}nihao`);
      for (const code of [13, 229]) await keys.enter(code);
      await pause(300);
      assert.equal(await submits(), 0, 'Enter chose a candidate, it did not submit');
      assert.equal(await visitor.field('name').inputValue(), `${mark}${taken ? '你好' : ''}nihao`, 'still composing');
      await keys.compose('nihao');
      await keys.commit('你好');
      await (wasm ? visitor.plain() : visitor.hydrated());
    }
    assert.equal(await visitor.field('name').inputValue(), `${mark}你好你好`);
    await visitor.field('name').press('Enter');
    await visitor.thanked();
    await arrivedOnce(mark, { ...enquiry(mark), name: `${mark}你好你好` });
    await visitor.close();
  });
}

const WITHOUT_WASM = {
  'wasm forbidden by the host\'s policy': async () => ({ csp: NO_WASM(stage.proxy.url) }),
  'the wasm cannot be fetched': async () => ({ rule: { match: WASM, before: () => 'drop' } }),
  'the wasm is not found': async () => ({ rule: { match: WASM, before: () => 404 } }),
  'the module\'s script cannot be fetched': async () => ({ rule: { match: /\/app-[^/]*\.js$/, before: () => 'drop' } }),
};
for (const [what, hamper] of Object.entries(WITHOUT_WASM)) {
  test(`${what}: sent once by the plain path, also when the network fails at first`, async () => {
    const { csp, rule } = await hamper();
    const away = rule && stage.proxy.rule(rule);
    const visitor = await visit({ csp });
    const mark = token();
    await visitor.fill(enquiry(mark));
    const back = stage.proxy.cut(POSTS);
    await visitor.submit();
    await visitor.waits();
    back();
    await visitor.thanked();
    await arrivedOnce(mark);
    away?.();
    await visitor.close();
  });
}

test('the plain path shows the gateway\'s errors, and sends what was corrected once', async () => {
  const visitor = await visit({ csp: NO_WASM(stage.proxy.url), wasm: 'off' });
  const mark = token();
  await visitor.fill({ ...enquiry(mark), email: 'nonsense' }, false);
  await visitor.submit();
  await visitor.find('[data-error="privacy"]').waitFor({ state: 'visible' });
  await visitor.field('privacy').check();
  await visitor.submit();
  await visitor.find('[data-error="email"]').waitFor({ state: 'visible' });
  assert.equal(await visitor.field('name').inputValue(), `Mia ${mark}`);
  await visitor.field('email').fill('mia@example.com');
  await visitor.submit();
  await visitor.thanked();
  await arrivedOnce(mark);
  await visitor.close();
});

test('the wasm arrives after the plain path took over: sent once, the form stays as it is', async () => {
  const release = stage.proxy.hold(WASM);
  const back = stage.proxy.cut(POSTS);
  const visitor = await visit();
  const mark = token();
  await visitor.fill(enquiry(mark));
  await visitor.submit();
  await visitor.waits();
  release();
  await pause(1_000);
  back();
  await visitor.thanked();
  await arrivedOnce(mark);
  await visitor.close();
});

test('offline, then online: the visitor sees that it waits, and it is sent once', async () => {
  const visitor = await visit();
  const mark = token();
  await visitor.fill(enquiry(mark));
  await visitor.hydrated();
  await visitor.context.setOffline(true);
  await visitor.submit();
  assert.ok((await visitor.waits()).length > 0, 'the state is told');
  await visitor.context.setOffline(false);
  await visitor.thanked();
  await arrivedOnce(mark);
  await visitor.close();
});

test('the tab is killed while it waits: the next page of the website sends it once, untouched', async () => {
  const visitor = await visit();
  const mark = token();
  const back = stage.proxy.cut(POSTS);
  await visitor.fill(enquiry(mark));
  await visitor.submit();
  await visitor.waits();
  const crashed = new Promise((done) => visitor.page.once('crash', done));
  const debug = await visitor.context.newCDPSession(visitor.page);
  debug.send('Page.crash').catch(() => {});
  await crashed;
  back();
  const next = await Visitor.open(visitor.context, stage.page());
  await arrivedOnce(mark);
  assert.equal(await next.field('name').inputValue(), '', 'the next form is a fresh one');
  await visitor.close();
});

test('what an earlier page could not send is said above its form: that it waits, then its code', async () => {
  for (const options of [{}, { wasm: 'off' }]) {
    const visitor = await visit(options);
    const mark = token();
    const back = stage.proxy.cut(POSTS);
    await visitor.fill(enquiry(mark));
    await visitor.submit();
    await visitor.waits();
    await visitor.page.reload();
    const notice = (state) => visitor.page.locator(`[part=notice][data-state=${state}]`);
    await notice('waiting').waitFor();
    back();
    await arrivedOnce(mark);
    await notice('sent').waitFor();
    assert.match(await notice('sent').textContent(), /[0-9A-Z]{4}-[0-9A-Z]{4}/);
    await visitor.close();
  }
});

/** Leaves an enquiry that waits, comes back once the gateway would refuse it, and starts to write something else. */
async function comesBackRefused(options, meanwhile = {}) {
  const visitor = await visit(options);
  const mark = token();
  const back = stage.proxy.cut(POSTS);
  await visitor.fill(enquiry(mark));
  await visitor.submit();
  await visitor.waits();
  await stage.apply(({ forms: [form] }) => (form.pages[0].fields.find(({ name }) => name === 'phone').required = true));
  await visitor.page.reload();
  await visitor.fill(meanwhile, false);
  await visitor.find('[part=notice][data-state=waiting]').waitFor();
  back();
  await visitor.find('[part=notice][data-state=refused]').waitFor();
  return { visitor, mark };
}

for (const options of [{}, { wasm: 'off' }]) {
  const way = options.wasm ? 'plain' : 'wasm';

  test(`what an earlier page could not send is refused: it is back in the form to be mended (${way})`, async () => {
    const { visitor, mark } = await comesBackRefused(options);
    const written = enquiry(mark);
    await until('the earlier answers', async () => (await visitor.field('message').inputValue()) === written.message);
    assert.equal(await visitor.field('privacy').isChecked(), false, 'to agree is the visitor’s own act');
    // Until the visitor goes on with it, it is safe: a page that is left at once loses nothing.
    await visitor.page.reload();
    await visitor.find('[part=notice][data-state=refused]').waitFor();
    await until('them again', async () => (await visitor.field('message').inputValue()) === written.message);
    await visitor.fill({ phone: '+8613812345678' });
    await visitor.submit();
    await visitor.thanked();
    await arrivedOnce(mark, { ...written, phone: '+8613812345678' });
    await visitor.page.reload();
    await visitor.ready();
    await pause(1_000);
    assert.equal(await visitor.find('[part=notice]').count(), 0, 'nothing is left to be said');
    await visitor.close();
  });

  test(`what was refused is offered where something else is written meanwhile, and neither is lost (${way})`, async () => {
    const { visitor, mark } = await comesBackRefused(options, { name: 'Lin', message: 'Something else' });
    assert.equal(await visitor.field('message').inputValue(), 'Something else');
    const swap = visitor.find('[part=notice] button');
    await swap.click();
    await until('the earlier answers', async () => (await visitor.field('message').inputValue()) === enquiry(mark).message);
    await swap.click();
    await until('the later ones', async () => (await visitor.field('message').inputValue()) === 'Something else');
    assert.equal(await visitor.field('name').inputValue(), 'Lin');
    assert.equal(await visitor.field('email').inputValue(), '', 'the two are not mixed');
    await visitor.close();
  });
}

test('the browser is killed while it waits: sent once when it is opened again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crm-profile-'));
  const address = stage.page();
  const mark = token();
  const back = stage.proxy.cut(POSTS);
  const first = await launchIn(folder);
  const visitor = await Visitor.open(first, address);
  await visitor.fill(enquiry(mark));
  await visitor.submit();
  await visitor.waits();
  await killed(first);
  back();
  const second = await launchIn(folder);
  try {
    await Visitor.open(second, address);
    await arrivedOnce(mark);
  } finally {
    await second.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test('the gateway is killed between the click and its answer: sent once after it is back', async () => {
  for (const when of ['before', 'after']) {
    const visitor = await visit();
    const mark = token();
    await visitor.fill(enquiry(mark));
    await visitor.hydrated();
    let killed = false;
    const away = stage.proxy.rule({
      match: POSTS,
      [when]: async () => {
        away();
        await stage.gateway.kill();
        killed = true;
        return 'drop';
      },
    });
    await visitor.submit();
    await until('the gateway to be killed', () => killed);
    await stage.gateway.rise();
    await visitor.thanked();
    await arrivedOnce(mark);
    await visitor.close();
  }
});

test('a double click, and Enter with a click, are one submission', async () => {
  const slow = stage.proxy.rule({ match: POSTS, before: () => pause(300).then(() => undefined) });
  for (const wasm of [true, false]) {
    const visitor = await visit(wasm ? {} : { wasm: 'off' });
    const mark = token();
    await visitor.fill(enquiry(mark));
    if (wasm) await visitor.hydrated();
    await visitor.button('submit').dblclick();
    await visitor.field('name').press('Enter', { timeout: 500 }).catch(() => {});
    await visitor.thanked();
    await arrivedOnce(mark);
    await visitor.close();
  }
  slow();
});

test('two tabs: one waiting enquiry is sent once, two enquiries are two', async () => {
  const first = await visit();
  const second = await Visitor.open(first.context, stage.page());
  const back = stage.proxy.cut(POSTS);
  const marks = [token(), token()];
  for (const [at, visitor] of [first, second].entries()) {
    await visitor.fill(enquiry(marks[at]));
    await visitor.submit();
    await visitor.waits();
  }
  const third = await Visitor.open(first.context, stage.page());
  back();
  await Promise.all([first.thanked(), second.thanked()]);
  for (const mark of marks) await arrivedOnce(mark);
  assert.deepEqual(third.faults, []);
  await first.close();
});

test('30 % of responses dropped: ten enquiries arrive once each', async () => {
  const found = stage.proxy.lose(/ \/v1\//, 0.3, seeded(20_261_121));
  const context = await browser.newContext();
  const marks = [];
  for (let tab = 0; tab < 5; tab += 1) {
    const visitor = await Visitor.open(context, stage.page('<crm-contact id="a" form="enquiry"></crm-contact><crm-contact id="b" form="enquiry"></crm-contact>'));
    for (const pick of ['#a', '#b']) {
      visitor.pick = pick;
      marks.push(token());
      await visitor.fill(enquiry(marks.at(-1)));
      await visitor.submit();
    }
  }
  for (const page of context.pages()) {
    await until('both to be thanked', async () => (await page.locator('[part~="thanks"]:visible').count()) === 2, 60_000);
  }
  found();
  for (const mark of marks) await arrivedOnce(mark);
  await context.close();
});

test('a CRM that fails at first gets it once, under one id', async () => {
  const visitor = await visit();
  const mark = token();
  stage.crm.mode = 'broken';
  await visitor.fill(enquiry(mark));
  await visitor.submit();
  await visitor.thanked();
  await until('a failed delivery', () => stage.crm.deliveries.some(({ body }) => body.includes(mark)));
  stage.crm.mode = 'ok';
  await arrivedOnce(mark);
  const ids = new Set(stage.crm.deliveries.filter(({ body }) => body.includes(mark)).map(({ id }) => id));
  assert.equal(ids.size, 1);
  await visitor.close();
});

/** kill -9 of a browser that has its own profile. */
async function killed(context) {
  const session = await context.browser().newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  process.kill(processInfo.find(({ type }) => type === 'browser').id, 'SIGKILL');
  await until('the browser to be gone', () => !context.browser().isConnected());
}
