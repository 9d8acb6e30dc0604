/**
 * Room `domain`: how a job id looks, apart from its schema: who only wants to tell whether a text is one need not load
 * zod, which takes 40 ms.
 *
 * @module
 */

/** Eight characters of Crockford's base32 alphabet in lower case. */
export const JOB_ID_FORM = /^[0-9a-hjkmnp-tv-z]{8}$/;
