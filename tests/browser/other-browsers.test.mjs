// The plain path in the other two engines: typed before the wasm is there, sent once.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Firefox } from './support/firefox.mjs';
import { Stage } from './support/stage.mjs';
import { token } from './support/visitor.mjs';
import { pause, until } from './support/wait.mjs';
import { WebKit } from './support/webkit.mjs';

const WASM = /\.wasm$/;
let stage;
before(async () => (stage = await Stage.start()));
after(() => stage?.stop());

/** Types a call-back request, as the visitor of a page does, and sends it. */
async function ask(browser, mark) {
  const root = () => document.querySelector('crm-contact')?.shadowRoot;
  await until('the form', () => browser.script(`() => !!(${root})()?.querySelector('[name=name]')`));
  for (const [name, text] of [['name', mark], ['phone', '021-61234567']]) {
    await browser.script(`(name) => (${root})().querySelector('[name=' + name + ']').focus()`, name);
    await browser.type(text);
  }
  await browser.script(`() => (${root})().querySelector('[part~=submit]').click()`);
}

const thanked = (browser) =>
  until('the thank-you', () => browser.script(() => /[0-9A-Z]{4}-[0-9A-Z]{4}/.test(document.querySelector('crm-contact').shadowRoot.querySelector('[part~=thanks]')?.textContent)), 30_000);

async function arrivedOnce(mark) {
  await until('the CRM', () => stage.crm.effects(mark).length > 0);
  await pause(300);
  assert.equal(stage.crm.effects(mark).length, 1);
  assert.equal((await stage.gateway.stored(mark)).length, 1);
  assert.equal(stage.crm.effects(mark)[0].data.answers.phone, '+862161234567');
}

for (const [name, Browser] of Object.entries({ Firefox, WebKit })) {
  test(`${name}: typed and submitted before the wasm, then with it; and all of it without WebAssembly`, async () => {
    const browser = await Browser.start();
    try {
      const body = '<crm-contact form="callback"></crm-contact>';
      const marks = [token(), token()];
      const release = stage.proxy.hold(WASM);
      await browser.open(stage.page(body));
      await ask(browser, marks[0]);
      await pause(500);
      assert.equal(stage.crm.effects(marks[0]).length, 0);
      release();
      await thanked(browser);
      await browser.open(stage.page(body, { wasm: 'off' }));
      await ask(browser, marks[1]);
      await thanked(browser);
      for (const mark of marks) await arrivedOnce(mark);
    } finally {
      await browser.stop();
    }
  });
}
