/** As `app.js`, with a module that renders first views too. */

export { start, takeOver } from './app.js';
