/** The real Cline CLI, spoken with over ACP, against the scripted model. */
import { REACHES, tryAcpAgent } from "../../support/acp_trials.ts";

tryAcpAgent("cline", {
  tokens: null,
  tellsExitCodes: false,
  reach: { suggest: REACHES.NONE, "full-auto": REACHES.ALL },
});
