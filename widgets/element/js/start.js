/** Starts the WebAssembly module that a script was built with. */

import { begin, imports } from 'crm-module';
import { permitsWasm } from './policy.js';

/* global __WASM__ -- written in by the build: [file, integrity] */
const [FILE, INTEGRITY] = __WASM__;

/** Streams where the server names the type; a server of static files may not know it. */
const instantiate = async (answer) =>
  answer.headers.get('content-type') === 'application/wasm'
    ? WebAssembly.instantiateStreaming(answer, imports())
    : WebAssembly.instantiate(await answer.arrayBuffer(), imports());

const load = async (allowed) => {
  const possible = globalThis.WebAssembly && allowed !== 'off' && (allowed === 'on' || (await permitsWasm()));
  if (!possible) throw new Error('no WebAssembly');
  const { instance } = await instantiate(await fetch(new URL(FILE, import.meta.url), { integrity: INTEGRITY }));
  begin(instance);
};

let started;

/**
 * Starts the module, once for all elements of the page.
 * @param {string | null} allowed `on` or `off` when the page said so
 */
export const start = (allowed) =>
  (started ??= load(allowed).catch((error) => {
    // What failed for want of a network may be tried again.
    started = undefined;
    throw error;
  }));
