/** The real Kimi Code CLI, spoken with over ACP, against the scripted model. */
import { REACHES, tryAcpAgent } from "../../support/acp_trials.ts";

tryAcpAgent("kimi", {
  tokens: null,
  tellsExitCodes: true,
  tellsNewFiles: false,
  // After a failed model call it ends its turn well. Without a word it counts as failed; half an answer counts as one.
  failures: ["auth_required", "no_result", "no_result", "done"],
  reach: { suggest: REACHES.NONE, "full-auto": REACHES.ALL },
});
