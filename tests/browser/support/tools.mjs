// The npm packages of the tests, where `cargo xtask test` puts them: target/tools.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** The repository's folder, with a slash at its end. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** `require` for packages of `target/tools/node_modules`. */
export const tool = createRequire(`${process.env.CRM_TOOLS ?? `${root}target/tools`}/`);
