/**
 * Room `daemon`: how V8 is to keep house. Deno takes its options from its command line and `DENO_V8_FLAGS`; a compiled
 * executable reads neither, and has them from when it was made.
 *
 * @module
 */

/**
 * - `max-semi-space-size`, in MB: left to itself V8 lets new garbage lie for speed, 6 MB of it in a front-end and 30 in
 *   a daemon that reads much.
 * - `heap-growing-percent`: the garbage of an agent that floods a daemon grew to over 250 MB. With 50 it grows to 96 MB,
 *   with 20 to 93, and a short job costs the daemon a sixth less CPU; `--optimize-for-size` would halve the speed at which
 *   a flood is read.
 * - `invocation-count-for-maglev`: by the usual 400 calls V8 takes what a front-end does once, making its schemas, for
 *   work that goes on, and optimises it: 4 MB, most of it the compiler's own code. In its first three calls the busiest
 *   function is called 7,000 times. The first 60 short jobs of a daemon take a tenth less CPU in all, the first 15 MB of
 *   output are read a tenth more slowly; later there is no difference.
 */
export const V8_FLAGS =
  "--max-semi-space-size=1,--heap-growing-percent=50,--invocation-count-for-maglev=10000";
