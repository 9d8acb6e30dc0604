/**
 * Room `domain`: the form of a job id. It is kept apart from the id's schema, so that checking a text for an id does
 * not load zod, which takes 40 ms.
 *
 * @module
 */

/** Eight characters of Crockford's base32 alphabet in lower case. */
export const JOB_ID_FORM = /^[0-9a-hjkmnp-tv-z]{8}$/;
