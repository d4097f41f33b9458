// WebKit, by WebDriver, on an invisible screen.
import { freePort } from './port.mjs';
import { end, start } from './process.mjs';
import { until } from './wait.mjs';

const browser = process.env.CRM_WEBKIT ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser';

export class WebKit {
  static async start() {
    const webkit = new WebKit();
    const port = await freePort();
    // `-displayfd` makes Xvfb choose a free display and write its number.
    webkit.screen = start('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x1000x24', '-nolisten', 'tcp']);
    const display = await until('Xvfb', () => webkit.screen.output.match(/^\d+$/m)?.[0]);
    const env = { ...process.env, DISPLAY: `:${display}`, WEBKIT_DISABLE_COMPOSITING_MODE: '1', GDK_BACKEND: 'x11' };
    webkit.driver = start('WebKitWebDriver', [`--port=${port}`], { env });
    webkit.base = `http://127.0.0.1:${port}/session`;
    await until('WebKitWebDriver', () => fetch(`http://127.0.0.1:${port}/status`).then(() => true));
    const options = { 'webkitgtk:browserOptions': { binary: browser, args: ['--automation'] } };
    const { sessionId } = await webkit.#send('POST', '', { capabilities: { alwaysMatch: options } });
    webkit.base += `/${sessionId}`;
    return webkit;
  }

  /** Opens an address in the tab. */
  open = (url) => this.#send('POST', '/url', { url });

  /** Runs a function in the page with `args` and returns (a promise's) value. */
  script = (code, ...args) => this.#send('POST', '/execute/sync', { script: `return (${code})(...arguments)`, args });

  /** Types into what has the focus, key by key. */
  type = (text) => {
    const actions = [...text].flatMap((value) => [{ type: 'keyDown', value }, { type: 'keyUp', value }]);
    return this.#send('POST', '/actions', { actions: [{ type: 'key', id: 'keys', actions }] });
  };

  /** Closes the browser, its driver and its screen. */
  async stop() {
    await this.#send('DELETE', '').catch(() => {});
    await end(this.driver);
    await end(this.screen);
  }

  async #send(method, path, body) {
    const answer = await fetch(this.base + path, { method, body: body && JSON.stringify(body) });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${value.error}: ${value.message}`);
    return value;
  }
}
