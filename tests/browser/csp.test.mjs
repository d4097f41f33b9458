// The policies host websites have: under each the form looks right, is sent, and nothing violates the policy.
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

const NONCE = 'bm9uY2Utb2YtdGhpcy1wYWdl';
const STRICT = `script-src 'nonce-${NONCE}' 'strict-dynamic'`;
const REST = "object-src 'none'; base-uri 'none'; form-action 'none'; frame-src 'none'; img-src 'none'; font-src 'none'; worker-src 'none'";

/** Policies by what is special about them; `gateway` stands for the gateway's origin. */
const policies = {
  'none at all': '',
  "'self' and the gateway, no WebAssembly": "default-src 'self'; script-src 'self' gateway; connect-src 'self' gateway",
  "'self' and the gateway, with WebAssembly": "default-src 'self'; script-src 'self' gateway 'wasm-unsafe-eval'; connect-src 'self' gateway",
  "'self' gateway for everything, style-src 'none'": "default-src 'self' gateway 'wasm-unsafe-eval'; style-src 'none'",
  'nonce and strict-dynamic': `${STRICT} 'wasm-unsafe-eval'; connect-src gateway; style-src 'none'; ${REST}`,
  'nonce and strict-dynamic, no WebAssembly': `${STRICT}; connect-src gateway; style-src 'none'; ${REST}`,
  'Trusted Types required': "script-src gateway 'wasm-unsafe-eval'; connect-src gateway; require-trusted-types-for 'script'",
  'Trusted Types required, none allowed': "script-src gateway 'wasm-unsafe-eval'; connect-src gateway; require-trusted-types-for 'script'; trusted-types 'none'",
  'Trusted Types required, none allowed, no WebAssembly': "script-src gateway; connect-src gateway; require-trusted-types-for 'script'; trusted-types 'none'",
  "default-src 'none', only script and connection to the gateway": `default-src 'none'; script-src gateway; connect-src gateway; ${REST}`,
  'the same with WebAssembly and frame-ancestors': `default-src 'none'; script-src gateway 'wasm-unsafe-eval'; connect-src gateway; frame-ancestors 'none'; ${REST}`,
  'a sandbox': "sandbox allow-scripts allow-same-origin allow-forms; script-src gateway 'wasm-unsafe-eval'; connect-src gateway",
  'everything at once': `default-src 'none'; ${STRICT} 'wasm-unsafe-eval'; connect-src gateway; style-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'; ${REST}`,
};

const policy = (text) => text.replaceAll('gateway', stage.proxy.url);
const forbidsWasm = (csp) => csp.includes('script-src') && !csp.includes('wasm-unsafe-eval');
// The loader reads the page's policy from the browser's cache; where the policy forbids even that, the website says
// itself what it allows.
const unreadable = (csp) => /connect-src gateway|default-src 'none'/.test(csp);
const told = (csp) => (unreadable(csp) ? (forbidsWasm(csp) ? 'off' : 'on') : undefined);

/** Types an enquiry, sends it, and waits until the CRM has it. */
async function send(csp, wasm) {
  stage.host.reports.length = 0;
  const visitor = await Visitor.open(browser, stage.page(undefined, { csp: policy(csp), nonce: NONCE, wasm }));
  const mark = token();
  await visitor.fill({ ...enquiry(mark), email: 'nonsense' });
  await visitor.field('topic').selectOption('other');
  await visitor.submit();
  await visitor.find('[data-error="email"]').waitFor({ state: 'visible' });
  await visitor.field('email').fill('mia@example.com');
  await visitor.field('subject').fill('Policies');
  await assertStyled(visitor);
  await visitor.submit();
  await visitor.thanked();
  await until('the enquiry at the CRM', () => stage.crm.effects(mark).length === 1);
  return visitor;
}

/** The element's style sheet works: a property that only it sets. */
async function assertStyled(visitor) {
  const size = await visitor.field('name').evaluate((input) => getComputedStyle(input).fontSize);
  assert.equal(size, '16px', 'inputs have 16 px');
  const box = await visitor.find('[part~="base"]').evaluate((base) => base.getRootNode().adoptedStyleSheets.length);
  assert.ok(box > 0, 'the style sheet is a constructed one');
}

for (const [name, csp] of Object.entries(policies)) {
  test(`${name}: sent, and no violation`, async () => {
    const visitor = await send(csp, told(csp));
    assert.deepEqual(await visitor.violations(), []);
    assert.deepEqual(stage.host.reports, []);
    assert.deepEqual(visitor.faults, []);
    assert.equal(await visitor.isPlain(), forbidsWasm(csp));
    await visitor.close();
  });
}

test('a policy that cannot be read and was not told: sent, and only that is reported', async () => {
  const visitor = await send("default-src 'none'; script-src gateway; connect-src gateway");
  const violations = await visitor.violations();
  assert.ok(violations.length <= 2 && violations.every((line) => /^(connect-src .*|script-src wasm-eval)$/.test(line)), violations.join());
  assert.deepEqual(visitor.faults, []);
  await visitor.close();
});

test('a policy that is broken is reported, so that the tests above can fail', async () => {
  const page = stage.page(undefined, { csp: "script-src 'none'" });
  const visitor = await Visitor.open(browser, page);
  await until('the report', () => stage.host.reports.length > 0);
  assert.match((await visitor.violations()).join(), /script-src-elem/);
  await visitor.close();
});

test('a script or a wasm that is not the one released is refused, and the form is sent all the same', async () => {
  const visitor = await Visitor.open(browser, stage.page());
  for (const what of [/\.wasm$/, /\/app-[^/]*\.js$/]) {
    const away = stage.proxy.rule({ match: what, change: (body) => Buffer.concat([body, Buffer.from('\n//')]) });
    const fresh = await Visitor.open(browser, stage.page());
    const mark = token();
    await fresh.fill(enquiry(mark));
    await fresh.submit();
    await fresh.thanked();
    await until('the enquiry at the CRM', () => stage.crm.effects(mark).length === 1);
    assert.equal(await fresh.isPlain(), true);
    away();
    await fresh.close();
  }
  await visitor.close();
});
