/**
 * Room `service`: the key by which a request that is sent again is recognised.
 *
 * @module
 */
import * as z from "zod";

export const RequestKey = z.string().min(1).max(200);
