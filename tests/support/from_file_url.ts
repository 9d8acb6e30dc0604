/**
 * Test support: the path behind a `file:` URL.
 *
 * @module
 */
export { fileURLToPath as fromFileUrl } from "node:url";
